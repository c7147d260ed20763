//! A drawn figure with its data, and the files it becomes.

use super::canvas::Canvas;
use super::font;
use crate::error::{Error, Result};
use crate::files;
use krilla::Document;
use krilla::geom::Size;
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla_svg::{SurfaceExt, SvgSettings};
use resvg::usvg::{Options, Tree};
use resvg::{tiny_skia, usvg};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Dots per inch of the PNG: what journals ask for of drawings with lines.
pub(super) const DPI: f32 = 600.0;
/// What an SVG's lengths are counted in.
const SVG_DPI: f32 = 96.0;
const POINTS_PER_INCH: f32 = 72.0;

/// A figure and the table it was drawn from. Lengths in points.
#[derive(Debug)]
pub(super) struct Picture {
    pub(super) canvas: Canvas,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

impl Picture {
    /// Writes `name.svg`, `.pdf`, `.png` and `.csv`.
    pub(super) fn write(self, folder: &Path, name: &str, title: &str, about: &str) -> Result<[PathBuf; 4]> {
        let paths = ["svg", "pdf", "png", "csv"].map(|end| folder.join(format!("{name}.{end}")));
        let Picture { canvas, width, height, header, rows } = self;
        let svg = canvas.finish(width, height, title, about);
        let bad = |what: String| Error::corrupt(&paths[0], what);
        let options = Options { fontdb: font::database(&svg), dpi: SVG_DPI, ..Options::default() };
        let tree = Tree::from_str(&svg, &options).map_err(|e| bad(e.to_string()))?;
        let pdf = page(&tree, title).ok_or_else(|| bad("it cannot be made a page".into()))?;
        let png = raster(&tree).ok_or_else(|| bad("it is too large to be drawn".into()))?;
        files::write(&paths[0], |out| out.write_all(svg.as_bytes()))?;
        files::write(&paths[1], |out| out.write_all(&pdf))?;
        files::write(&paths[2], |out| out.write_all(&png))?;
        files::write(&paths[3], |out| {
            let mut table = csv::Writer::from_writer(out);
            table.write_record(&header)?;
            rows.iter().try_for_each(|row| table.write_record(row))?;
            table.flush()
        })?;
        Ok(paths)
    }
}

/// The drawing as a PDF of one page. No time of its making is in it, so that the same drawing gives the same bytes.
fn page(tree: &usvg::Tree, title: &str) -> Option<Vec<u8>> {
    let scale = POINTS_PER_INCH / SVG_DPI;
    let size = Size::from_wh(tree.size().width() * scale, tree.size().height() * scale)?;
    let mut document = Document::new();
    document.set_metadata(Metadata::new().title(title.to_owned()).producer("exodus".to_owned()));
    let mut page = document.start_page_with(PageSettings::new(size));
    let mut surface = page.surface();
    surface.draw_svg(tree, size, SvgSettings::default())?;
    surface.finish();
    page.finish();
    document.finish().ok()
}

/// The drawing on white, as a PNG.
fn raster(tree: &usvg::Tree) -> Option<Vec<u8>> {
    let scale = DPI / SVG_DPI;
    let size = tree.size().to_int_size().scale_by(scale)?;
    let mut pixels = tiny_skia::Pixmap::new(size.width(), size.height())?;
    pixels.fill(tiny_skia::Color::WHITE);
    resvg::render(tree, tiny_skia::Transform::from_scale(scale, scale), &mut pixels.as_mut());
    png_of(&pixels).ok()
}

/// Pixels without transparency as a PNG, packed in a fast way: the usual one makes files a quarter smaller, takes six times as long, and with
/// it most of the time of a short run.
fn png_of(pixels: &tiny_skia::Pixmap) -> std::result::Result<Vec<u8>, png::EncodingError> {
    let mut bytes = vec![0; pixels.data().len() / 4 * 3];
    let both = bytes.chunks_exact_mut(3).zip(pixels.data().chunks_exact(4));
    both.for_each(|(rgb, rgba)| rgb.copy_from_slice(&rgba[..3]));
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, pixels.width(), pixels.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_deflate_compression(png::DeflateCompression::Level(1));
    encoder.set_filter(png::Filter::Up);
    encoder.write_header()?.write_image_data(&bytes)?;
    Ok(file)
}
