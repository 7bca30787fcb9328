//! One small language for tables, so that both engines get the same columns and guards.
use sea_orm_migration::{prelude::*, schema};

/// A column; required unless `optional`.
#[derive(Debug)]
pub struct Column(ColumnDef);

impl Column {
    pub fn uuid(name: &'static str) -> Self {
        Self(schema::uuid(name).take())
    }

    pub fn text(name: &'static str) -> Self {
        Self(schema::text(name).take())
    }

    pub fn integer(name: &'static str) -> Self {
        Self(schema::integer(name).take())
    }

    /// 64 bits: cents, micro-euros, thousandths, counts.
    pub fn big(name: &'static str) -> Self {
        Self(schema::big_integer(name).take())
    }

    pub fn boolean(name: &'static str) -> Self {
        Self(schema::boolean(name).take())
    }

    /// An instant in UTC, to the microsecond.
    pub fn instant(name: &'static str) -> Self {
        Self(schema::timestamp_with_time_zone(name).take())
    }

    pub fn date(name: &'static str) -> Self {
        Self(schema::date(name).take())
    }

    pub fn bytes(name: &'static str) -> Self {
        Self(schema::blob(name).take())
    }

    #[must_use]
    pub fn optional(mut self) -> Self {
        self.0.null();
        self
    }
}

/// A table being described.
#[derive(Debug)]
pub struct TableOf {
    name: &'static str,
    table: TableCreateStatement,
    indexes: Vec<IndexCreateStatement>,
}

impl TableOf {
    pub fn named(name: &'static str) -> Self {
        Self {
            name,
            table: Table::create().table(name).take(),
            indexes: Vec::new(),
        }
    }

    /// The usual primary key: a UUIDv7 drawn by the application.
    #[must_use]
    pub fn id(mut self) -> Self {
        self.table.col(schema::uuid("id").primary_key());
        self
    }

    #[must_use]
    pub fn col(mut self, column: Column) -> Self {
        self.table.col(column.0);
        self
    }

    /// A primary key over several columns, or one that is not `id`.
    #[must_use]
    pub fn key(mut self, columns: &[&'static str]) -> Self {
        self.table.primary_key(&mut over(columns, Index::create()));
        self
    }

    #[must_use]
    pub fn unique(mut self, columns: &[&'static str]) -> Self {
        let mut index = over(columns, Index::create());
        index
            .name(format!("uq_{}_{}", self.name, columns.join("_")))
            .table(self.name)
            .unique();
        self.indexes.push(index);
        self
    }

    #[must_use]
    pub fn index(mut self, columns: &[&'static str]) -> Self {
        self.indexes.push(index_of(self.name, columns));
        self
    }

    /// A foreign key; over (owner, id) so that a row can never point into another owner's data.
    #[must_use]
    pub fn refers(
        mut self,
        columns: &[&'static str],
        to: &'static str,
        to_columns: &[&'static str],
    ) -> Self {
        let mut key = ForeignKey::create();
        key.name(format!("fk_{}_{}", self.name, columns.join("_")))
            .from_tbl(self.name)
            .to_tbl(to);
        for column in columns {
            key.from_col(*column);
        }
        for column in to_columns {
            key.to_col(*column);
        }
        self.table.foreign_key(&mut key);
        self
    }

    /// The last line of defence: what the domain promised, repeated by the database.
    #[must_use]
    pub fn check(mut self, condition: &'static str) -> Self {
        self.table.check(Expr::cust(condition));
        self
    }

    pub async fn create(self, schema: &SchemaManager<'_>) -> Result<(), DbErr> {
        schema.create_table(self.table).await?;
        for index in self.indexes {
            schema.create_index(index).await?;
        }
        Ok(())
    }
}

/// Adds a column to a table that exists; optional, so that the previous version can still write.
pub async fn add_column(
    schema: &SchemaManager<'_>,
    table: &'static str,
    mut column: Column,
) -> Result<(), DbErr> {
    let change = Table::alter().table(table).add_column(&mut column.0).take();
    schema.alter_table(change).await
}

/// Adds an index to a table that exists.
pub async fn add_index(
    schema: &SchemaManager<'_>,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    schema.create_index(index_of(table, columns)).await
}

fn index_of(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = over(columns, Index::create());
    index
        .name(format!("ix_{table}_{}", columns.join("_")))
        .table(table)
        .take()
}

fn over(columns: &[&'static str], mut index: IndexCreateStatement) -> IndexCreateStatement {
    for column in columns {
        index.col(*column);
    }
    index.take()
}
