//! A trusted list as it stands (ETSI TS 119 612 clause 5, version 2 of its name space): what of it a time-stamp is judged by. No DTD, nothing
//! fetched, all within limits.
//!
//! Deliberately not here: the schema (what is read is held to its place and form, the rest is not looked at), and whether anything of it is
//! to be believed, which is `signature.rs`'.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roxmltree::{Document, Node};

use crate::error::SealError;
use crate::limits;
use crate::time::UnixMillis;
use crate::tlv::too_large;
use crate::trusted_list::fault::ListFault;
use crate::trusted_list::service::{Period, Service};

const LISTS: &str = "http://uri.etsi.org/02231/v2#";
const MORE: &str = "http://uri.etsi.org/02231/v2/additionaltypes#";
const TAG: &str = "http://uri.etsi.org/19612/TSLTag";
const XML_LANG: (&str, &str) = ("http://www.w3.org/XML/1998/namespace", "lang");
const OF_LISTS: &str = "http://uri.etsi.org/TrstSvc/TrustedList/TSLType/EUlistofthelists";
const NATIONAL: &str = "http://uri.etsi.org/TrstSvc/TrustedList/TSLType/EUgeneric";
const XML_TYPE: &str = "application/vnd.etsi.tsl+xml";
const WHAT: &str = "trusted list";
/// Extensions that may be critical and leave a time-stamping service what it is (clause 5.5.9).
const HARMLESS: [&str; 3] = ["AdditionalServiceInformation", "ExpiredCertsRevocationInfo", "Qualifications"];

/// A list, read and not yet believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TrustedList {
    /// A list of lists; else a member state's.
    pub of_lists: bool,
    pub territory: String,
    /// Who publishes it, for people.
    pub operator: String,
    pub sequence: u64,
    pub issued: UnixMillis,
    /// When the next one is due at the latest; `None` where none will come.
    pub next_update: Option<UnixMillis>,
    pub pointers: Vec<Pointer>,
    pub services: Vec<Service>,
}

/// Who may sign the list of a territory, or the list of the lists itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pointer {
    pub of_lists: bool,
    pub territory: String,
    pub certificates: Vec<Vec<u8>>,
}

impl TrustedList {
    /// Who may sign the list of the lists from now on, as this one has it (its pointer to itself); nobody where it names nobody.
    pub fn successors(&self) -> Vec<Vec<u8>> {
        let own = self.pointers.iter().filter(|pointer| pointer.of_lists && pointer.territory == self.territory);
        own.flat_map(|pointer| pointer.certificates.clone()).collect()
    }

    /// Who may sign the list of this member state, as this one has it.
    pub fn signers_for(&self, territory: &str) -> Vec<Vec<u8>> {
        let theirs = self.pointers.iter().filter(|pointer| !pointer.of_lists && pointer.territory == territory);
        theirs.flat_map(|pointer| pointer.certificates.clone()).collect()
    }
}

/// The list this document is.
pub(crate) fn list(document: &Document<'_>) -> Result<TrustedList, ListFault> {
    let root = document.root_element();
    if !is(root, "TrustServiceStatusList") || root.attribute("TSLTag") != Some(TAG) {
        return Err(malformed().into());
    }
    let scheme = sole(root, "SchemeInformation")?;
    let version = text(sole(scheme, "TSLVersionIdentifier")?)?;
    if !["5", "6"].contains(&version.as_str()) {
        return Err(ListFault::Version { found: version.chars().take(40).collect() });
    }
    let kind = text(sole(scheme, "TSLType")?)?;
    if ![OF_LISTS, NATIONAL].contains(&kind.as_str()) {
        return Err(ListFault::Kind { found: kind.chars().take(200).collect() });
    }
    let next_update = optional(sole(scheme, "NextUpdate")?, "dateTime")?.map(moment).transpose()?;
    let of_lists = kind == OF_LISTS;
    Ok(TrustedList {
        of_lists,
        territory: text(sole(scheme, "SchemeTerritory")?)?,
        operator: name(sole(scheme, "SchemeOperatorName")?)?,
        sequence: text(sole(scheme, "TSLSequenceNumber")?)?.parse().map_err(|_| malformed())?,
        issued: moment(sole(scheme, "ListIssueDateTime")?)?,
        next_update,
        pointers: pointers(scheme, of_lists)?,
        services: services(root)?,
    })
}

/// Who signs the lists of member states and the list of the lists, as the latter has it (clause 5.3.13). What the list of a member state
/// says of that is nobody's word.
fn pointers(scheme: Node<'_, '_>, of_lists: bool) -> Result<Vec<Pointer>, SealError> {
    let Some(all) = optional(scheme, "PointersToOtherTSL")?.filter(|_| of_lists) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for pointer in bounded(all, "OtherTSLPointer", limits::LIST_POINTERS)? {
        let Some(about) = optional(pointer, "AdditionalInformation")? else { continue };
        let said = |space: &str, name: &str| {
            let of = |node: &Node<'_, '_>| node.has_tag_name((space, name));
            about.descendants().find(of).map(text).transpose().map(Option::unwrap_or_default)
        };
        let kind = said(LISTS, "TSLType")?;
        if ![OF_LISTS, NATIONAL].contains(&kind.as_str()) || said(MORE, "MimeType")? != XML_TYPE {
            continue;
        }
        let mut certificates = Vec::new();
        if let Some(identities) = optional(pointer, "ServiceDigitalIdentities")? {
            for identity in bounded(identities, "ServiceDigitalIdentity", limits::CERTIFICATES)? {
                certificates.extend(identity_certificates(identity)?);
            }
        }
        let territory = said(LISTS, "SchemeTerritory")?;
        found.push(Pointer { of_lists: kind == OF_LISTS, territory, certificates });
    }
    Ok(found)
}

fn services(root: Node<'_, '_>) -> Result<Vec<Service>, SealError> {
    let Some(providers) = optional(root, "TrustServiceProviderList")? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for provider in bounded(providers, "TrustServiceProvider", limits::LIST_SERVICES)? {
        let provider_name = name(sole(sole(provider, "TSPInformation")?, "TSPName")?)?;
        for service in bounded(sole(provider, "TSPServices")?, "TSPService", limits::LIST_SERVICES)? {
            found.push(one_service(service, &provider_name)?);
            if found.len() > limits::LIST_SERVICES {
                return Err(too_large("services of a trusted list", limits::LIST_SERVICES, found.len()));
            }
        }
    }
    Ok(found)
}

fn one_service(service: Node<'_, '_>, provider: &str) -> Result<Service, SealError> {
    let now = sole(service, "ServiceInformation")?;
    let mut periods = vec![period(now)?];
    if let Some(history) = optional(service, "ServiceHistory")? {
        for past in bounded(history, "ServiceHistoryInstance", limits::LIST_HISTORY)? {
            periods.push(period(past)?);
        }
    }
    let certificates = identity_certificates(sole(now, "ServiceDigitalIdentity")?)?;
    Ok(Service { name: format!("{provider}, {}", name(sole(now, "ServiceName")?)?), certificates, periods })
}

fn period(of: Node<'_, '_>) -> Result<Period, SealError> {
    let extensions = match optional(of, "ServiceInformationExtensions")? {
        Some(extensions) => bounded(extensions, "Extension", limits::LIST_HISTORY)?,
        None => Vec::new(),
    };
    let unknown = |extension: &Node<'_, '_>| {
        let names: Vec<&str> = extension.children().filter(Node::is_element).map(|n| n.tag_name().name()).collect();
        let critical = extension.attribute("Critical").is_none_or(|said| !["false", "0"].contains(&said.trim()));
        let harmless = !names.is_empty() && names.iter().all(|name| HARMLESS.contains(name));
        (critical && !harmless).then(|| names.join(", ").chars().take(80).collect())
    };
    Ok(Period {
        kind: text(sole(of, "ServiceTypeIdentifier")?)?,
        status: text(sole(of, "ServiceStatus")?)?,
        since: moment(sole(of, "StatusStartingTime")?)?,
        condition: extensions.iter().find_map(unknown),
    })
}

/// The certificates of a digital identity (clause 5.5.3); its other forms name a key without giving it.
fn identity_certificates(identity: Node<'_, '_>) -> Result<Vec<Vec<u8>>, SealError> {
    let mut found = Vec::new();
    for id in bounded(identity, "DigitalId", limits::CERTIFICATES)? {
        if let Some(certificate) = optional(id, "X509Certificate")? {
            found.push(octets(certificate)?);
        }
    }
    Ok(found)
}

/// The octets an element's text says in base64.
pub(crate) fn octets(element: Node<'_, '_>) -> Result<Vec<u8>, SealError> {
    let text: String = text(element)?.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(text).map_err(|_| SealError::Malformed { what: "base64 of a trusted list" })
}

/// The text of an element that holds no other, without white space around it.
pub(crate) fn text(element: Node<'_, '_>) -> Result<String, SealError> {
    if element.children().any(|child| child.is_element()) {
        return Err(malformed());
    }
    let text: String = element.children().filter(Node::is_text).filter_map(|child| child.text()).collect();
    Ok(text.trim().to_owned())
}

/// A name for people, in English where there is one.
fn name(of: Node<'_, '_>) -> Result<String, SealError> {
    let all = bounded(of, "Name", limits::LIST_HISTORY)?;
    let english = all.iter().find(|name| name.attribute(XML_LANG) == Some("en"));
    Ok(text(*english.or(all.first()).ok_or_else(malformed)?)?.chars().take(200).collect())
}

fn moment(element: Node<'_, '_>) -> Result<UnixMillis, SealError> {
    UnixMillis::from_xml(&text(element)?).ok_or(SealError::Malformed { what: "time of a trusted list" })
}

fn malformed() -> SealError {
    SealError::Malformed { what: WHAT }
}

fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.has_tag_name((LISTS, name))
}

fn optional<'a, 'i>(parent: Node<'a, 'i>, name: &str) -> Result<Option<Node<'a, 'i>>, SealError> {
    let mut found = parent.children().filter(|child| is(*child, name));
    match (found.next(), found.next()) {
        (only, None) => Ok(only),
        _ => Err(malformed()),
    }
}

fn sole<'a, 'i>(parent: Node<'a, 'i>, name: &str) -> Result<Node<'a, 'i>, SealError> {
    optional(parent, name)?.ok_or_else(malformed)
}

fn bounded<'a, 'i>(parent: Node<'a, 'i>, name: &'static str, most: usize) -> Result<Vec<Node<'a, 'i>>, SealError> {
    let found: Vec<_> = parent.children().filter(|child| is(*child, name)).take(most.saturating_add(1)).collect();
    if found.len() > most { Err(too_large(name, most, found.len())) } else { Ok(found) }
}
