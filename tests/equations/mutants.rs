//! Mutants of sources: every operator, decimal number and function of a plain type, changed in one way or two, as cargo-mutants does, but planted
//! all at once and switched on by number, as building each by itself would take days.

use std::ops::Range;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{BinOp, Expr, ReturnType, Type, UnOp};

/// A place of a source, and what may become of it.
pub(crate) struct Place {
    /// Bytes of the source; none for the beginning of a function.
    range: Range<usize>,
    function: String,
    of: String,
    wrong: Vec<String>,
}

/// A change that was planted.
#[derive(Clone)]
pub(crate) struct Mutant {
    /// Its number, by which it is switched on.
    pub number: usize,
    /// Function, expression and what becomes of it: the same as long as these are.
    pub name: String,
    /// Bytes of the planted source in which it stands.
    pub range: Range<usize>,
}

#[derive(Default)]
struct Finder<'a> {
    source: &'a str,
    functions: Vec<String>,
    places: Vec<Place>,
}

/// What may be changed in a source.
pub(crate) fn places(source: &str) -> Vec<Place> {
    let file = syn::parse_file(source).expect("a source");
    let mut finder = Finder { source, ..Finder::default() };
    finder.visit_file(&file);
    let mut places = finder.places;
    places.sort_by_key(|place| (place.range.start, std::cmp::Reverse(place.range.end)));
    places
}

/// The source with all changes of `places`, numbered from `first` on, but those that `skip` names.
pub(crate) fn plant(
    source: &str,
    places: &[Place],
    file: &str,
    first: usize,
    skip: &dyn Fn(&str) -> bool,
) -> (String, Vec<Mutant>) {
    let mut planter = Planter { source, file, text: String::new(), mutants: Vec::new(), first, skip };
    planter.write(0..source.len(), places);
    (planter.text, planter.mutants)
}

struct Planter<'a> {
    source: &'a str,
    file: &'a str,
    text: String,
    mutants: Vec<Mutant>,
    first: usize,
    skip: &'a dyn Fn(&str) -> bool,
}

impl Planter<'_> {
    /// Writes a part of the source, in which are these places, by where they begin.
    fn write(&mut self, range: Range<usize>, mut places: &[Place]) {
        let mut at = range.start;
        while let Some((place, rest)) = places.split_first() {
            let inner = rest.iter().take_while(|inner| inner.range.start < place.range.end).count();
            self.text.push_str(&self.source[at..place.range.start]);
            at = place.range.end;
            self.place(place, &rest[..inner]);
            places = &rest[inner..];
        }
        self.text.push_str(&self.source[at..range.end]);
    }

    fn place(&mut self, place: &Place, inner: &[Place]) {
        let names = place.wrong.iter().map(|wrong| {
            let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            (format!("{}: {}: `{}` -> `{}`", self.file, place.function, line(&place.of), line(wrong)), wrong)
        });
        let names: Vec<_> = names.filter(|(name, _)| !(self.skip)(name)).collect();
        let is_expression = !place.range.is_empty();
        if is_expression && !names.is_empty() {
            self.text.push('(');
        }
        let several = names.len();
        for (name, wrong) in names {
            let number = self.first + self.mutants.len();
            let start = self.text.len();
            self.text.push_str(&format!("if crate::fault({number}) {{ {wrong} }}"));
            self.mutants.push(Mutant { number, name, range: start..self.text.len() });
            if is_expression {
                self.text.push_str(" else ");
            }
        }
        if is_expression && several > 0 {
            self.text.push_str("{ ");
            self.write(place.range.clone(), inner);
            self.text.push_str(" })");
        } else {
            self.write(place.range.clone(), inner);
        }
    }
}

/// What an operator may be mistaken for.
fn mistaken(op: &BinOp) -> &'static [&'static str] {
    match op {
        BinOp::Add(_) => &["-", "*"],
        BinOp::Sub(_) => &["+", "/"],
        BinOp::Mul(_) => &["+", "/"],
        BinOp::Div(_) => &["*", "%"],
        BinOp::Rem(_) => &["/", "+"],
        BinOp::And(_) => &["||"],
        BinOp::Or(_) => &["&&"],
        BinOp::BitAnd(_) => &["|", "^"],
        BinOp::BitOr(_) => &["&", "^"],
        BinOp::BitXor(_) => &["|", "&"],
        BinOp::Shl(_) => &[">>"],
        BinOp::Shr(_) => &["<<"],
        BinOp::Eq(_) => &["!="],
        BinOp::Ne(_) => &["=="],
        BinOp::Lt(_) => &["==", ">"],
        BinOp::Le(_) => &[">"],
        BinOp::Gt(_) => &["==", "<"],
        BinOp::Ge(_) => &["<"],
        BinOp::AddAssign(_) => &["-=", "*="],
        BinOp::SubAssign(_) => &["+=", "/="],
        BinOp::MulAssign(_) => &["+=", "/="],
        BinOp::DivAssign(_) => &["*=", "%="],
        BinOp::BitAndAssign(_) => &["|=", "^="],
        BinOp::BitOrAssign(_) => &["&=", "^="],
        BinOp::BitXorAssign(_) => &["|=", "&="],
        _ => &[],
    }
}

/// Values that a function of a plain type may return instead.
fn returned(output: &ReturnType) -> &'static [&'static str] {
    let name = match output {
        ReturnType::Default => return &["()"],
        ReturnType::Type(_, kind) => match &**kind {
            Type::Path(path) => path.path.get_ident().map(ToString::to_string).unwrap_or_default(),
            _ => return &[],
        },
    };
    match name.as_str() {
        "bool" => &["true", "false"],
        "f32" | "f64" => &["0.0", "1.0"],
        "u8" | "u16" | "u32" | "u64" | "usize" | "i8" | "i32" | "i64" => &["0", "1"],
        _ => &[],
    }
}

fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    let says_test = |list: &syn::MetaList| {
        list.parse_args_with(Punctuated::<syn::Path, syn::Token![,]>::parse_terminated)
            .is_ok_and(|paths| paths.iter().any(|path| path.is_ident("test")))
    };
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || attribute.path().is_ident("cfg") && attribute.meta.require_list().is_ok_and(says_test)
    })
}

/// Whether a condition binds names.
fn binds(expr: &Expr) -> bool {
    match expr {
        Expr::Let(_) => true,
        Expr::Binary(binary) if matches!(binary.op, BinOp::And(_)) => binds(&binary.left) || binds(&binary.right),
        _ => false,
    }
}

impl Finder<'_> {
    fn text(&self, of: &impl Spanned) -> &str {
        &self.source[of.span().byte_range()]
    }

    fn add(&mut self, range: Range<usize>, wrong: Vec<String>) {
        if !wrong.is_empty() {
            let function = self.functions.last().cloned().unwrap_or_default();
            self.places.push(Place { of: self.source[range.clone()].to_owned(), range, function, wrong });
        }
    }

    fn function(&mut self, signature: &syn::Signature, block: &syn::Block) {
        if signature.constness.is_some() {
            return;
        }
        self.functions.push(signature.ident.to_string());
        if !block.stmts.is_empty() {
            let start = block.brace_token.span.open().byte_range().end;
            let wrong = returned(&signature.output).iter().map(|value| format!("return {value};")).collect();
            self.add(start..start, wrong);
        }
        visit::visit_block(self, block);
        self.functions.pop();
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    // What is computed before the program runs cannot be switched, and patterns are no expressions.
    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}
    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}
    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}
    fn visit_trait_item_const(&mut self, _: &'ast syn::TraitItemConst) {}
    fn visit_type(&mut self, _: &'ast Type) {}
    fn visit_pat(&mut self, _: &'ast syn::Pat) {}
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
    fn visit_variant(&mut self, _: &'ast syn::Variant) {}
    fn visit_generics(&mut self, _: &'ast syn::Generics) {}
    fn visit_angle_bracketed_generic_arguments(&mut self, _: &'ast syn::AngleBracketedGenericArguments) {}
    fn visit_expr_const(&mut self, _: &'ast syn::ExprConst) {}

    fn visit_expr_repeat(&mut self, repeat: &'ast syn::ExprRepeat) {
        self.visit_expr(&repeat.expr);
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_for_tests(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if !is_for_tests(&item.attrs) {
            self.function(&item.sig, &item.block);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig, &item.block);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.function(&item.sig, block);
        }
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        if !binds(&binary.left) && !binds(&binary.right) {
            let [left, right] = [self.text(&binary.left), self.text(&binary.right)];
            let wrong = mistaken(&binary.op).iter().map(|op| format!("{left} {op} {right}")).collect();
            self.add(binary.span().byte_range(), wrong);
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_unary(&mut self, unary: &'ast syn::ExprUnary) {
        if matches!(unary.op, UnOp::Not(_) | UnOp::Neg(_)) {
            let wrong = self.text(&unary.expr).to_owned();
            self.add(unary.span().byte_range(), vec![wrong]);
        }
        visit::visit_expr_unary(self, unary);
    }

    fn visit_expr_lit(&mut self, literal: &'ast syn::ExprLit) {
        if let syn::Lit::Float(float) = &literal.lit {
            let value: f64 = float.base10_parse().expect("a number");
            let other = if value == 0.0 { 1.0 } else { 1.5 * value };
            self.add(literal.span().byte_range(), vec![format!("{other:?}{}", float.suffix())]);
        }
    }
}

#[test]
fn places_are_found_and_planted() {
    let source =
        "const A: f32 = 1.0 + 2.0;\nfn f(a: f32, b: u32) -> f32 {\n    if a < 0.5 { -a * a } else { [a; 1 + 2][0] }\n}\n";
    let (planted, mutants) = plant(source, &places(source), "f.rs", 1, &|name| name.ends_with("`a + a`"));
    let names: Vec<&str> = mutants.iter().map(|mutant| mutant.name.as_str()).collect();
    let expected = [
        "f.rs: f: `` -> `return 0.0;`",
        "f.rs: f: `` -> `return 1.0;`",
        "f.rs: f: `a < 0.5` -> `a == 0.5`",
        "f.rs: f: `a < 0.5` -> `a > 0.5`",
        "f.rs: f: `0.5` -> `0.75`",
        "f.rs: f: `-a * a` -> `-a + a`",
        "f.rs: f: `-a * a` -> `-a / a`",
        "f.rs: f: `-a` -> `a`",
    ];
    assert_eq!(names, expected);
    assert!(
        planted.contains("if (if crate::fault(3) { a == 0.5 } else if crate::fault(4) { a > 0.5 } else { a < (if"),
        "{planted}"
    );
    for mutant in &mutants {
        assert!(planted[mutant.range.clone()].starts_with(&format!("if crate::fault({})", mutant.number)));
    }
    syn::parse_file(&planted).expect("a program");
}
