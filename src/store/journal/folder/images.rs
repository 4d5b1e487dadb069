//! The images of a folder at rest, or of one whose owner is at work: an image is there as a whole or not at all, and never changes.

use std::collections::BTreeSet;
use std::path::Path;

use super::{FolderError, at};
use crate::ids::{DocNumber, ImageName};
use crate::store::files::Files;
use crate::store::images::layout::Layout;
use crate::store::journal::recover::Finding;

/// What a copy took of the images.
#[derive(Debug, Default)]
pub struct CopiedImages {
    /// Images that were written, and how many bytes.
    pub images: usize,
    pub bytes: u64,
    /// Images that were there already.
    pub unchanged: usize,
    pub findings: Vec<Finding>,
}

/// Copy the images of the documents that are wanted; what an earlier copy has is not copied again, and documents that have none any more
/// have none in the copy either. A damaged image is reported and not copied: the copy may have a good one.
pub fn copy(
    files: &dyn Files,
    from: &Path,
    to: &Path,
    wanted: impl Fn(DocNumber) -> bool,
) -> Result<CopiedImages, FolderError> {
    let (source, target) = (Layout::of(files, from), Layout::of(files, to));
    let mut copied = CopiedImages::default();
    let there = target.documents().map_err(at(to))?.unwrap_or_default();
    let Some(documents) = source.documents().map_err(at(from))? else {
        if !there.is_empty() {
            let text = "all images are lost: the folder `images` is missing; those in the copy stay";
            copied.findings.push(Finding::Damage(text.to_owned()));
        }
        return Ok(copied);
    };
    let documents: BTreeSet<DocNumber> = documents.into_iter().filter(|&number| wanted(number)).collect();
    for &document in &documents {
        copied.document(&source, &target, document, from, to)?;
    }
    for gone in there.into_iter().filter(|number| !documents.contains(number)) {
        target.remove(gone).map_err(at(to))?;
    }
    Ok(copied)
}

impl CopiedImages {
    fn document(
        &mut self,
        source: &Layout<'_>,
        target: &Layout<'_>,
        document: DocNumber,
        from: &Path,
        to: &Path,
    ) -> Result<(), FolderError> {
        let known: BTreeSet<ImageName> = target.images(document).map_err(at(to))?.into_iter().collect();
        let names: BTreeSet<ImageName> = source.images(document).map_err(at(from))?.into_iter().collect();
        let mut is_changed = false;
        for &name in &names {
            let Some(size) = source.size(document, name).map_err(at(from))? else { continue };
            if known.contains(&name) && target.size(document, name).map_err(at(to))? == Some(size) {
                self.unchanged += 1;
                continue;
            }
            // It may have gone with its document since it was listed.
            let Some(bytes) = source.read(document, name).map_err(at(from))? else { continue };
            if !name.is_of(&bytes) {
                self.findings.push(damage(document, name, "is damaged and was not copied"));
                continue;
            }
            target.make(document).map_err(at(to))?;
            target.write(document, name, &bytes).map_err(at(to))?;
            is_changed = true;
            self.images += 1;
            self.bytes += bytes.len() as u64;
        }
        if is_changed {
            target.settle(document).map_err(at(to))?;
        }
        // No image goes alone, and all of a document's go in one step.
        let lost: Vec<ImageName> = known.difference(&names).copied().collect();
        if !lost.is_empty()
            && source.documents().map_err(at(from))?.is_some_and(|all| all.contains(&document))
        {
            let lost = lost.into_iter().map(|name| damage(document, name, "is lost; the copy has it still"));
            self.findings.extend(lost);
        }
        Ok(())
    }
}

/// What a look at all images found.
#[derive(Debug, Default)]
pub struct Seen {
    pub images: usize,
    pub bytes: u64,
    /// Those that are not what their names say.
    pub damaged: Vec<(DocNumber, ImageName)>,
    /// The documents that have any.
    pub documents: Vec<DocNumber>,
}

/// Read every image.
pub fn see(files: &dyn Files, dir: &Path) -> Result<Seen, FolderError> {
    let layout = Layout::of(files, dir);
    let documents = layout.documents().map_err(at(dir))?.unwrap_or_default();
    let mut seen = Seen { documents, ..Seen::default() };
    for &document in &seen.documents {
        for name in layout.images(document).map_err(at(dir))? {
            let Some(bytes) = layout.read(document, name).map_err(at(dir))? else { continue };
            seen.images += 1;
            seen.bytes += bytes.len() as u64;
            if !name.is_of(&bytes) {
                seen.damaged.push((document, name));
            }
        }
    }
    Ok(seen)
}

/// Move an image out of the way, into another folder of the same shape.
pub fn set_aside(
    files: &dyn Files,
    dir: &Path,
    aside: &Path,
    (document, name): (DocNumber, ImageName),
) -> std::io::Result<()> {
    let (here, there) = (Layout::of(files, dir), Layout::of(files, aside));
    there.make(document)?;
    files.rename(&here.path(document, name), &there.path(document, name))?;
    there.settle(document)?;
    here.settle(document)
}

fn damage(document: DocNumber, name: ImageName, what: &str) -> Finding {
    Finding::Damage(format!("image {name} of document number {} {what}", document.0))
}
