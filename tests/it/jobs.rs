//! Long work is done once, by whichever process holds it.
use chrono::TimeDelta;
use domain::job::JobState;
use encommun::{
    actions::{Actor, Error, jobs},
    store::jobs as rows,
};

use crate::support::TestApp;

async fn operator(test: &TestApp) -> Actor {
    let mut actor = test.user("dsi@mel.example", &[]).await;
    actor.operator = true;
    actor
}

#[tokio::test]
async fn an_audit_is_asked_then_done_by_the_worker() {
    let test = TestApp::new().await;
    let actor = operator(&test).await;
    let job = jobs::ask_audit(&test.app, &actor).await.unwrap();
    assert_eq!(job.state, JobState::Waiting);
    test.later(TimeDelta::seconds(5)).await;
    let done = jobs::find(&test.app, &actor, job.id).await.unwrap();
    assert_eq!(done.state, JobState::Done);
    assert!(done.result.unwrap().contains(r#""check":"journal.chains""#));
}

#[tokio::test]
async fn a_job_belongs_to_who_asked_it() {
    let test = TestApp::new().await;
    let job = jobs::ask_audit(&test.app, &operator(&test).await)
        .await
        .unwrap();
    let other = test.user("a@anstaing.example", &[]).await;
    assert!(matches!(
        jobs::find(&test.app, &other, job.id).await,
        Err(Error::NotFound)
    ));
    assert!(matches!(
        jobs::ask_audit(&test.app, &other).await,
        Err(Error::Forbidden)
    ));
}

#[tokio::test]
async fn a_dead_process_keeps_a_job_no_longer_than_its_lease() {
    let test = TestApp::new().await;
    let job = jobs::ask_audit(&test.app, &operator(&test).await)
        .await
        .unwrap();
    let lease = TimeDelta::seconds(60);
    let claim = async |process: &str| {
        let tx = test
            .app
            .store
            .system_write(test.app.clock.now())
            .await
            .unwrap();
        let claimed = rows::claim(&tx, process, lease).await.unwrap();
        tx.commit().await.unwrap();
        claimed.map(|job| job.id)
    };
    assert_eq!(claim("dead").await, Some(job.id));
    assert_eq!(claim("second").await, None);
    test.app.clock.advance(TimeDelta::seconds(61));
    assert_eq!(claim("second").await, Some(job.id));

    let tx = test
        .app
        .store
        .system_write(test.app.clock.now())
        .await
        .unwrap();
    assert!(
        !rows::release(&tx, job.id, "dead", JobState::Done, None)
            .await
            .unwrap()
    );
    assert!(
        rows::release(&tx, job.id, "second", JobState::Done, None)
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn rival_processes_share_the_work_without_doing_it_twice() {
    let test = TestApp::new().await;
    let actor = operator(&test).await;
    for _ in 0..12 {
        jobs::ask_audit(&test.app, &actor).await.unwrap();
    }
    let mut rivals = tokio::task::JoinSet::new();
    for n in 0..6 {
        let app = test.app.clone();
        rivals.spawn(async move {
            let mut claimed = Vec::new();
            loop {
                let tx = app.store.system_write(app.clock.now()).await.unwrap();
                let lease = TimeDelta::seconds(60);
                let Some(job) = rows::claim(&tx, &n.to_string(), lease).await.unwrap() else {
                    return claimed;
                };
                tx.commit().await.unwrap();
                claimed.push(job.id);
            }
        });
    }
    let mut all: Vec<_> = rivals.join_all().await.into_iter().flatten().collect();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 12);
}
