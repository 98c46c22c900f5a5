//! A module: all Terraform files of a folder together.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::rc::Rc;

use super::super::node::{Node, Place, Problem};
use super::super::resource::Found;
use super::super::yaml;
use super::body::{Block, Body, Property, Source, maps, parse};

/// A module in pieces, found by name.
#[derive(Debug, Default)]
pub(super) struct Module {
    pub(super) variables: BTreeMap<String, Body>,
    pub(super) locals: BTreeMap<String, Property>,
    pub(super) resources: Vec<ResourceBlock>,
    /// Where in `resources` the one of this type and name stands.
    index: BTreeMap<(String, String), usize>,
    /// What `terraform.tfvars` and its like give.
    pub(super) given: BTreeMap<String, Property>,
}

#[derive(Debug)]
pub(super) struct ResourceBlock {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) body: Body,
}

impl ResourceBlock {
    pub(super) fn address(&self) -> String {
        format!("{}.{}", self.kind, self.name)
    }
}

impl Module {
    pub(super) fn resource(&self, kind: &str, name: &str) -> Option<&ResourceBlock> {
        let at = self.index.get(&(kind.to_owned(), name.to_owned()))?;
        self.resources.get(*at)
    }

    /// Adds a file. What is declared a second time is named and left out.
    pub(super) fn add(
        &mut self,
        file: &Rc<str>,
        text: &str,
        found: &mut Found,
    ) -> Result<Vec<Problem>, Problem> {
        let name = file_name(file);
        if name.ends_with(".tfvars") {
            let values = parse(file, text)?.properties;
            // Later files win, and so does the order in which they are read.
            self.given.extend(values.into_iter().map(|property| (property.name.clone(), property)));
            return Ok(Vec::new());
        }
        let mut twice = Twice::default();
        if name.ends_with(".tf.json") {
            let documents = yaml::parse_json(text, file)?;
            for document in &documents {
                self.json(document, found, &mut twice);
            }
        } else {
            for property in parse(file, text)?.properties {
                if let Source::Blocks(blocks) = property.source {
                    for block in blocks {
                        self.block(&property.name, block, found, &mut twice);
                    }
                }
            }
        }
        Ok(twice.0)
    }

    fn block(&mut self, kind: &str, block: Block, found: &mut Found, twice: &mut Twice) {
        match (kind, <[String; 1]>::try_from(block.labels.clone()), <[String; 2]>::try_from(block.labels)) {
            ("locals", ..) => self.locals(block.body, twice),
            ("variable", Ok([name]), _) => self.variable(name, &block.place, block.body, twice),
            ("module", Ok([name]), _) => module_call(&block.place, &name, found),
            ("resource", _, Ok([kind, name])) => {
                self.add_resource(ResourceBlock { kind, name, place: block.place, body: block.body }, twice);
            }
            _ => {}
        }
    }

    fn json(&mut self, document: &Node, found: &mut Found, twice: &mut Twice) {
        for (kind, value) in maps(document).into_iter().flat_map(|map| map.entries().unwrap_or_default()) {
            for map in maps(value) {
                if kind == "locals" {
                    self.locals(Body::from_json(map), twice);
                    continue;
                }
                for (label, value) in map.entries().unwrap_or_default() {
                    match kind.as_str() {
                        "variable" => {
                            for map in maps(value) {
                                self.variable(label.clone(), &value.place, Body::from_json(map), twice);
                            }
                        }
                        "module" => module_call(&value.place, label, found),
                        "resource" => self.json_resources(label, value, twice),
                        _ => {}
                    }
                }
            }
        }
    }

    fn json_resources(&mut self, kind: &str, value: &Node, twice: &mut Twice) {
        for map in maps(value) {
            for (name, value) in map.entries().unwrap_or_default() {
                for map in maps(value) {
                    let block = ResourceBlock {
                        kind: kind.to_owned(),
                        name: name.clone(),
                        place: value.place.clone(),
                        body: Body::from_json(map),
                    };
                    self.add_resource(block, twice);
                }
            }
        }
    }

    fn add_resource(&mut self, resource: ResourceBlock, twice: &mut Twice) {
        let key = (resource.kind.clone(), resource.name.clone());
        if self.index.contains_key(&key) {
            return twice.note(&resource.place, &format!("the resource {}", resource.address()));
        }
        self.index.insert(key, self.resources.len());
        self.resources.push(resource);
    }

    fn locals(&mut self, body: Body, twice: &mut Twice) {
        for property in body.properties {
            if self.locals.contains_key(&property.name) {
                twice.note(&property.place, &format!("local.{}", property.name));
            } else {
                self.locals.insert(property.name.clone(), property);
            }
        }
    }

    fn variable(&mut self, name: String, place: &Place, body: Body, twice: &mut Twice) {
        match self.variables.entry(name) {
            Entry::Occupied(known) => twice.note(place, &format!("the variable {}", known.key())),
            Entry::Vacant(free) => {
                free.insert(body);
            }
        }
    }
}

#[derive(Default)]
struct Twice(Vec<Problem>);

impl Twice {
    fn note(&mut self, place: &Place, what: &str) {
        let reason = format!("{what} is declared twice in this module; the first one is used");
        self.0.push(Problem { place: place.clone(), reason });
    }
}

fn module_call(place: &Place, name: &str, found: &mut Found) {
    let reason = "a module of its own: what is in it is imported from its own folder only";
    found.note(place, &format!("module.{name}"), "module call", reason);
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
