//! Where images are in a data folder, and how one comes to be there: `images/<document number>/<name>`, each a file that is never
//! written to again.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::ids::{DocNumber, ImageName};
use crate::store::files::{Files, read_from};

/// The folder of all images.
const NAME: &str = "images";

/// The end of a name under which a file is written before it is whole …
const UNFINISHED: &str = ".part";

/// … and of one under which the images of a document are that is gone.
const GONE: &str = ".gone";

/// The images of a data folder.
pub struct Layout<'a> {
    files: &'a dyn Files,
    data: &'a Path,
    images: PathBuf,
}

impl<'a> Layout<'a> {
    pub fn of(files: &'a dyn Files, data: &'a Path) -> Layout<'a> {
        Layout { files, data, images: data.join(NAME) }
    }

    /// Where the images of a document are.
    pub fn dir(&self, document: DocNumber) -> PathBuf {
        self.images.join(document.0.to_string())
    }

    pub fn path(&self, document: DocNumber, name: ImageName) -> PathBuf {
        self.dir(document).join(name.to_string())
    }

    /// The documents that have images, in their order; `None` where there never were any.
    pub fn documents(&self) -> io::Result<Option<Vec<DocNumber>>> {
        let Some(names) = self.list(&self.images)? else { return Ok(None) };
        let mut numbers: Vec<DocNumber> = names.iter().filter_map(|name| number(name)).collect();
        numbers.sort_unstable();
        Ok(Some(numbers))
    }

    /// The images of a document, in the order of their names.
    pub fn images(&self, document: DocNumber) -> io::Result<Vec<ImageName>> {
        let names = self.list(&self.dir(document))?.unwrap_or_default();
        let mut names: Vec<ImageName> = names.iter().filter_map(|name| ImageName::parse(name)).collect();
        names.sort_unstable();
        Ok(names)
    }

    /// How many bytes an image has; `None` if it is not there.
    pub fn size(&self, document: DocNumber, name: ImageName) -> io::Result<Option<u64>> {
        found(self.files.open(&self.path(document, name)))?.map(|file| file.size()).transpose()
    }

    /// What stands where an image is to be; `None` if nothing does.
    pub fn read(&self, document: DocNumber, name: ImageName) -> io::Result<Option<Vec<u8>>> {
        found(self.files.open(&self.path(document, name)))?.map(|file| read_from(&*file, 0)).transpose()
    }

    /// Make the folder of a document. It is durable by [`Layout::settle`].
    pub fn make(&self, document: DocNumber) -> io::Result<()> {
        self.files.create_dir(&self.dir(document))
    }

    /// Write an image as a whole, in place of what may stand there. It is durable after [`Layout::settle`]; if it fails, nothing is left.
    pub fn write(&self, document: DocNumber, name: ImageName, bytes: &[u8]) -> io::Result<()> {
        let unfinished = self.images.join(format!("{}-{name}{UNFINISHED}", document.0));
        found(self.files.remove(&unfinished))?;
        let written = || {
            let file = self.files.create(&unfinished)?;
            file.append(bytes)?;
            file.sync()?;
            self.files.rename(&unfinished, &self.path(document, name))
        };
        written().inspect_err(|_| drop(self.files.remove(&unfinished)))
    }

    /// Make durable which images a document has. Also those that were there before: whoever wrote them may have ended before this.
    pub fn settle(&self, document: DocNumber) -> io::Result<()> {
        self.files.sync_dir(&self.dir(document))?;
        self.files.sync_dir(&self.images)?;
        self.files.sync_dir(self.data)
    }

    /// Remove the images of a document: in one step for whoever looks, and then one by one.
    pub fn remove(&self, document: DocNumber) -> io::Result<()> {
        let gone = self.images.join(format!("{}{GONE}", document.0));
        self.clear(&gone)?;
        match found(self.files.rename(&self.dir(document), &gone))? {
            Some(()) => self.clear(&gone),
            None => Ok(()),
        }
    }

    /// Remove what was begun and not ended: files that are not whole, and images of documents that were about to be removed.
    pub fn tidy(&self) -> io::Result<()> {
        for name in self.list(&self.images)?.unwrap_or_default() {
            if name.ends_with(UNFINISHED) {
                found(self.files.remove(&self.images.join(name)))?;
            } else if name.ends_with(GONE) {
                self.clear(&self.images.join(name))?;
            }
        }
        Ok(())
    }

    fn clear(&self, dir: &Path) -> io::Result<()> {
        let Some(names) = self.list(dir)? else { return Ok(()) };
        for name in names {
            found(self.files.remove(&dir.join(name)))?;
        }
        found(self.files.remove_dir(dir)).map(drop)
    }

    /// The names in a folder, if it is there.
    fn list(&self, dir: &Path) -> io::Result<Option<Vec<String>>> {
        found(self.files.list(dir))
    }
}

/// A document's number as the name of its folder, which is written in one way.
fn number(name: &str) -> Option<DocNumber> {
    let number = name.parse().ok().filter(|number: &u64| number.to_string() == name)?;
    Some(DocNumber(number))
}

/// What is not there is no failure.
fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
