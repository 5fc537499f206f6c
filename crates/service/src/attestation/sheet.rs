//! A sheet to be read and printed: PDF/A-3a (ISO 19005-3), tagged for screen readers, with files attached.
//!
//! The same blocks give the same bytes: no clock, no randomness. A character that the fonts lack is shown as `�`, and stands as it is
//! in what is attached.

use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::embed::{AssociationKind, EmbeddedFile, MimeType};
use krilla::geom::{PathBuilder, Point};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::{Page, PageSettings};
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Node, SpanTag, Tag, TagGroup, TagTree};
use krilla::text::{Font, TextDirection};
use krilla::{Document, SerializeSettings};
use proof::UnixMillis;
use proof::time::format_rfc3339;
use std::num::NonZeroU16;
use std::sync::LazyLock;

/// A4, in points.
const PAGE: (f32, f32) = (595.276, 841.89);
const LEFT: f32 = 62.0;
const RIGHT: f32 = PAGE.0 - 62.0;
const TOP: f32 = 64.0;
const BOTTOM: f32 = PAGE.1 - 64.0;
/// Where the values of rows begin.
const VALUES: f32 = LEFT + 132.0;
/// Lines are so far apart, in sizes of their font.
const LEADING: f32 = 1.42;

/// A font, and how wide its characters are.
struct Face {
    font: Font,
    metrics: ttf_parser::Face<'static>,
}

impl Face {
    fn of(bytes: &'static [u8]) -> Option<Self> {
        Some(Self { font: Font::new(bytes.into(), 0)?, metrics: ttf_parser::Face::parse(bytes, 0).ok()? })
    }

    fn has(&self, character: char) -> bool {
        self.metrics.glyph_index(character).is_some()
    }

    fn width(&self, character: char, size: f32) -> f32 {
        let glyph = self.metrics.glyph_index(character).unwrap_or_default();
        let advance = self.metrics.glyph_hor_advance(glyph).unwrap_or(0);
        f32::from(advance) * size / f32::from(self.metrics.units_per_em())
    }
}

struct Faces {
    plain: Face,
    bold: Face,
    mono: Face,
}

/// Parsed once: they are the program's own.
static FACES: LazyLock<Option<Faces>> = LazyLock::new(|| {
    Some(Faces {
        plain: Face::of(dejavu::sans::regular())?,
        bold: Face::of(dejavu::sans::bold())?,
        mono: Face::of(dejavu::sans_mono::regular())?,
    })
});

/// How a line is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Title,
    Heading,
    Text,
    Label,
    Digits,
    Small,
}

impl Style {
    fn face(self, faces: &Faces) -> &Face {
        match self {
            Self::Title | Self::Heading | Self::Label => &faces.bold,
            Self::Text | Self::Small => &faces.plain,
            Self::Digits => &faces.mono,
        }
    }
    const fn size(self) -> f32 {
        match self {
            Self::Title => 19.0,
            Self::Heading => 11.5,
            Self::Text => 9.6,
            Self::Label => 8.8,
            Self::Digits => 7.8,
            Self::Small => 7.8,
        }
    }
    /// Space before a block of this style.
    const fn before(self) -> f32 {
        match self {
            Self::Title => 4.0,
            Self::Heading => 15.0,
            Self::Text => 6.0,
            Self::Label | Self::Digits => 3.5,
            Self::Small => 5.0,
        }
    }
}

/// What a sheet says, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Block {
    Title(String),
    Heading(String),
    Text(String),
    /// A name and what it is.
    Row(String, String),
    /// The same, of digits to be compared.
    Digits(String, String),
    Small(String),
}

/// A file within the sheet.
pub(crate) struct Attached {
    pub(crate) name: String,
    pub(crate) media_type: &'static str,
    pub(crate) description: String,
    pub(crate) bytes: Vec<u8>,
}

/// A sheet to be written.
pub(crate) struct Sheet {
    pub(crate) title: String,
    pub(crate) author: String,
    /// At the foot of each page, before its number.
    pub(crate) foot: String,
    /// What it states is of this moment.
    pub(crate) at: UnixMillis,
    pub(crate) blocks: Vec<Block>,
    pub(crate) attached: Vec<Attached>,
}

impl Sheet {
    /// The bytes of the PDF.
    pub(crate) fn to_pdf(&self) -> Result<Vec<u8>, String> {
        let faces = FACES.as_ref().ok_or("the fonts cannot be read")?;
        let settings = SerializeSettings {
            configuration: ConfigurationBuilder::new()
                .with_archival_validator(Archival::A3_A)
                .finish()
                .map_err(|why| format!("{why:?}"))?,
            enable_tagging: true,
            ..SerializeSettings::default()
        };
        let pages = self.lay_out(faces);
        let mut document = Document::new_with(settings);
        let date = date_of(self.at);
        let metadata = Metadata::new().title(self.title.clone()).authors(vec![self.author.clone()]);
        document.set_metadata(metadata.language("fr-FR".into()).creation_date(date).creator("Tabellion".into()));
        let mut tree = TagTree::new().with_lang(Some("fr-FR".into()));
        let count = pages.len();
        for (number, lines) in pages.into_iter().enumerate() {
            let settings = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or("a page of no size")?;
            let mut page = document.start_page_with(settings);
            self.draw(&mut page, faces, &lines, (number + 1, count), &mut tree);
            page.finish();
        }
        document.set_tag_tree(tree);
        for file in &self.attached {
            let embedded = EmbeddedFile {
                path: file.name.clone(),
                mime_type: MimeType::new(file.media_type),
                description: Some(file.description.clone()),
                association_kind: AssociationKind::Data,
                data: file.bytes.clone().into(),
                modification_date: Some(date),
                // As it is: whoever looks for a pack's bytes in the sheet finds them.
                compress: Some(false),
                location: None,
            };
            document.embed_file(embedded).ok_or_else(|| format!("{} is attached twice", file.name))?;
        }
        document.finish().map_err(|why| format!("{why:?}").chars().take(500).collect())
    }

    fn draw(&self, page: &mut Page<'_>, faces: &Faces, lines: &[Line], number: (usize, usize), tree: &mut TagTree) {
        let mut surface = page.surface();
        surface.set_fill(Some(ink(0.13)));
        let mut group: Option<(usize, TagGroup)> = None;
        for line in lines {
            if group.as_ref().is_none_or(|(block, _)| *block != line.block) {
                tree_push(tree, group.take());
                group = Some((line.block, TagGroup::new(line.tag.clone())));
            }
            let marked = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
            line.draw(&mut surface, faces);
            surface.end_tagged();
            if let Some((_, group)) = &mut group {
                group.push(Node::Leaf(marked));
            }
        }
        tree_push(tree, group);
        self.draw_foot(&mut surface, faces, number);
        surface.finish();
    }

    /// Of every page, and of none of its content.
    fn draw_foot(&self, surface: &mut Surface<'_>, faces: &Faces, (number, count): (usize, usize)) {
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)));
        let mut rule = PathBuilder::new();
        rule.move_to(LEFT, BOTTOM + 14.0);
        rule.line_to(RIGHT, BOTTOM + 14.0);
        rule.line_to(RIGHT, BOTTOM + 14.5);
        rule.line_to(LEFT, BOTTOM + 14.5);
        rule.close();
        if let Some(rule) = rule.finish() {
            surface.draw_path(&rule);
        }
        let text = shown(&format!("{} · page {number} sur {count}", self.foot), &faces.plain);
        let line = cut(&text, &faces.plain, 7.2, RIGHT - LEFT).into_iter().next().unwrap_or_default();
        let at = Point::from_xy(LEFT, BOTTOM + 26.0);
        surface.draw_text(at, faces.plain.font.clone(), 7.2, &line, false, TextDirection::Auto);
        surface.end_tagged();
    }

    /// Lines of each page, in their places.
    fn lay_out(&self, faces: &Faces) -> Vec<Vec<Line>> {
        let mut pages = vec![Vec::new()];
        let mut y = TOP;
        for (number, block) in self.blocks.iter().enumerate() {
            let (lines, height) = block.lay_out(faces, number);
            let first = lines.first().map_or(0.0, |line| line.style.before());
            // A heading is never the last line of a page.
            let needed = if matches!(block, Block::Heading(_)) { height + 60.0 } else { height };
            let whole = needed < BOTTOM - TOP;
            if whole && y + first + needed > BOTTOM {
                pages.push(Vec::new());
                y = TOP;
            }
            y += if y > TOP { first } else { 0.0 };
            let (mut begun, mut base) = (y, 0.0);
            for mut line in lines {
                if begun + line.y - base > BOTTOM {
                    pages.push(Vec::new());
                    (begun, base) = (TOP, line.y - line.style.size() * LEADING);
                }
                line.y = begun + line.y - base;
                pages.last_mut().into_iter().for_each(|page| page.push(line.clone()));
            }
            y = begun + height - base;
        }
        pages
    }
}

fn tree_push(tree: &mut TagTree, group: Option<(usize, TagGroup)>) {
    if let Some((_, group)) = group {
        tree.push(group);
    }
}

/// One line, in its place.
#[derive(Clone)]
struct Line {
    x: f32,
    /// Of its base, from the top of the page; of its block until it is laid out.
    y: f32,
    style: Style,
    text: String,
    block: usize,
    tag: krilla::tagging::TagKind,
}

impl Line {
    fn draw(&self, surface: &mut Surface<'_>, faces: &Faces) {
        let font = self.style.face(faces).font.clone();
        let at = Point::from_xy(self.x, self.y);
        surface.draw_text(at, font, self.style.size(), &self.text, false, TextDirection::Auto);
    }
}

impl Block {
    /// Lines from the top of the block, and its height.
    fn lay_out(&self, faces: &Faces, block: usize) -> (Vec<Line>, f32) {
        let heading = |level: u16, title: &str| {
            let level = NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN);
            krilla::tagging::TagKind::from(Tag::Hn(level, Some(title.to_owned())))
        };
        let one = |style: Style, text: &str, tag| {
            let mut lines = Vec::new();
            let height = flow(faces, style, text, (LEFT, RIGHT), (block, &tag), &mut lines);
            (lines, height)
        };
        let row = |style: Style, label: &str, value: &str| {
            let (mut lines, tag) = (Vec::new(), Tag::P.into());
            let label = flow(faces, Style::Label, label, (LEFT, VALUES - 8.0), (block, &tag), &mut lines);
            let value = flow(faces, style, value, (VALUES, RIGHT), (block, &tag), &mut lines);
            (lines, label.max(value))
        };
        match self {
            Self::Title(text) => one(Style::Title, text, heading(1, text)),
            Self::Heading(text) => one(Style::Heading, text, heading(2, text)),
            Self::Text(text) => one(Style::Text, text, Tag::P.into()),
            Self::Small(text) => one(Style::Small, text, Tag::P.into()),
            Self::Row(label, value) => row(Style::Text, label, value),
            Self::Digits(label, value) => row(Style::Digits, label, value),
        }
    }
}

/// The text between two borders, line under line; its height.
fn flow(
    faces: &Faces,
    style: Style,
    text: &str,
    (left, right): (f32, f32),
    (block, tag): (usize, &krilla::tagging::TagKind),
    lines: &mut Vec<Line>,
) -> f32 {
    let (face, size) = (style.face(faces), style.size());
    let mut y = 0.0;
    for text in cut(&shown(text, face), face, size, right - left) {
        // A label and what it names stand on one line, whatever their sizes.
        let first = y == 0.0 && matches!(style, Style::Label | Style::Digits);
        let step = if first { Style::Text.size() } else { size };
        y += step * LEADING;
        lines.push(Line { x: left, y, style, text, block, tag: tag.clone() });
    }
    y
}

/// The text with what the font lacks shown as such, and no control character.
fn shown(text: &str, face: &Face) -> String {
    // French marks stay with their words.
    let text = text.replace("« ", "«\u{a0}").replace(" »", "\u{a0}»").replace(" :", "\u{a0}:").replace(" ;", "\u{a0};");
    let spaced = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let lacking = if face.has('\u{fffd}') { '\u{fffd}' } else { '?' };
    spaced.map(|c| if face.has(c) { c } else { lacking }).collect()
}

/// Lines no wider than this, cut at spaces, and within a word where it is wider than a line. Spaces stay at the ends, for whoever
/// reads the words.
fn cut(text: &str, face: &Face, size: f32, width: f32) -> Vec<String> {
    let (mut lines, mut line, mut used) = (Vec::new(), String::new(), 0.0);
    for word in text.split_inclusive(' ') {
        let ink: f32 = word.trim_end().chars().map(|c| face.width(c, size)).sum();
        if used + ink > width && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
            used = 0.0;
        }
        for character in word.chars() {
            let advance = face.width(character, size);
            if used + advance > width && character != ' ' && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                used = 0.0;
            }
            line.push(character);
            used += advance;
        }
    }
    lines.extend(Some(line).filter(|line| !line.is_empty()));
    lines
}

/// A grey: 0 is black.
fn ink(grey: f32) -> Fill {
    let level = (grey * 255.0) as u8;
    let paint = krilla::color::rgb::Color::new(level, level, level).into();
    Fill { paint, opacity: NormalizedF32::ONE, rule: FillRule::default() }
}

/// The moment as PDF writes it, in UTC.
fn date_of(at: UnixMillis) -> DateTime {
    let text = format_rfc3339(at);
    let number = |from: usize, to: usize| text.get(from..to).and_then(|digits| digits.parse::<u16>().ok()).unwrap_or(0);
    let small = |from: usize| u8::try_from(number(from, from + 2)).unwrap_or(0);
    let date = DateTime::new(number(0, 4)).month(small(5)).day(small(8));
    date.hour(small(11)).minute(small(14)).second(small(17)).utc_offset_hour(0).utc_offset_minute(0)
}
