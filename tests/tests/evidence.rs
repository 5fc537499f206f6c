//! Every record the product writes is accepted, and each with one fault is refused for that fault.

use std::collections::BTreeSet;

use seal::{RecordReport, SealError};
use tests::evidence::{Sample, World, judged, samples};

fn codes(outcome: &Result<RecordReport, SealError>) -> Vec<&'static str> {
    match outcome {
        Ok(report) => report.faults().map(seal::RecordFault::code).collect(),
        Err(why) => vec![why.code()],
    }
}

#[test]
fn honest_records_are_accepted_and_each_fault_is_refused_by_its_name() {
    let world = World::new().expect("authorities");
    let (roots, all) = (world.roots(), samples(&world).expect("samples"));
    let names: BTreeSet<&str> = all.iter().map(|sample| sample.name.as_str()).collect();
    assert_eq!(names.len(), all.len(), "a name stands twice");
    let (mut honest, mut faulty, mut wrong) = (0, 0, Vec::new());
    for sample in &all {
        let outcome = judged(sample, &roots);
        let (passed, said) = (outcome.as_ref().is_ok_and(RecordReport::passed), codes(&outcome));
        let right = match sample.fault {
            None => passed,
            Some(fault) => !passed && said.contains(&fault),
        };
        if !right {
            wrong.push(format!("{}: wanted {:?}, passed {passed}, said {said:?}", sample.name, sample.fault));
        }
        *(if sample.fault.is_none() { &mut honest } else { &mut faulty }) += 1;
    }
    println!("{honest} honest records, {faulty} with a fault");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(honest >= 60 && faulty >= 40, "{honest} honest, {faulty} with a fault");
}

#[test]
fn no_honest_record_is_accepted_over_another_document_or_without_roots() {
    let world = World::new().expect("authorities");
    for sample in samples(&world).expect("samples").into_iter().filter(|sample| sample.fault.is_none()) {
        assert_eq!(codes(&judged(&sample, &[])).first(), Some(&"no-trust-anchor"), "{}", sample.name);
        let altered = Sample { documents: vec![b"autre".to_vec()], ..sample };
        let said = codes(&judged(&altered, &world.roots()));
        assert!(said.contains(&"data-not-covered"), "{}: {said:?}", altered.name);
    }
}
