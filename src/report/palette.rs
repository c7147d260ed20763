//! Colours of data, in pages and in print: a messenger has the same hue in both.

/// Lines on white: each at least 4.5 to 1 against it, no two alike to any kind of colour vision.
pub(super) const LIGHT: [&str; 8] = ["#1264db", "#b84d08", "#336a44", "#7c2e8c", "#542602", "#1c1f23", "#630efe", "#797387"];
/// The same on a dark page.
pub(super) const DARK: [&str; 8] = ["#50bffd", "#c66b03", "#a4e176", "#a070a4", "#f6de2c", "#f0f0f0", "#ca2ffe", "#7b836f"];
/// From low to high, in an order that any colour vision and grey keep: viridis (van der Walt and Smith 2015), every eighth
/// of the way.
pub(super) const VIRIDIS: [&str; 9] =
    ["#440154", "#472c7a", "#3b518b", "#2c718e", "#21908d", "#27ad81", "#5cc863", "#aadc32", "#fde725"];

/// Red, green and blue of `#rrggbb`.
pub(super) fn rgb(colour: &str) -> [u8; 3] {
    std::array::from_fn(|k| colour.get(2 * k + 1..2 * k + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Matrix = [[f64; 3]; 3];
    const NORMAL: Matrix = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    /// Vision without one kind of cones (Machado, Oliveira and Fernandes 2009, severity 1).
    const PROTANOPIA: Matrix =
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]];
    const DEUTERANOPIA: Matrix =
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]];
    const TRITANOPIA: Matrix =
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]];
    /// sRGB to XYZ under D65.
    const XYZ: Matrix = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]];

    fn linear(colour: &str) -> [f64; 3] {
        rgb(colour).map(|byte| {
            let x = f64::from(byte) / 255.0;
            if x <= 0.04045 { x / 12.92 } else { libm::pow((x + 0.055) / 1.055, 2.4) }
        })
    }

    fn times(matrix: &Matrix, x: [f64; 3]) -> [f64; 3] {
        matrix.map(|row| row.iter().zip(x).map(|(a, b)| a * b).sum())
    }

    /// CIELAB of a colour as a kind of vision has it.
    fn seen(colour: &str, vision: &Matrix) -> [f64; 3] {
        let xyz = times(&XYZ, times(vision, linear(colour)).map(|x: f64| x.clamp(0.0, 1.0)));
        let root = |x: f64| if x > 0.008856 { x.cbrt() } else { 7.787 * x + 16.0 / 116.0 };
        let [x, y, z] = [xyz[0] / 0.95047, xyz[1], xyz[2] / 1.08883].map(root);
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    #[test]
    fn lines_stand_out_from_their_ground_and_from_each_other() {
        let light = |colour: &str| times(&XYZ, linear(colour))[1] + 0.05;
        for (colours, ground) in [(LIGHT, "#ffffff"), (DARK, "#14171b")] {
            for (k, colour) in colours.iter().enumerate() {
                let (a, b) = (light(colour), light(ground));
                assert!(a.max(b) / a.min(b) >= 4.5, "{colour} on {ground}: {}", a.max(b) / a.min(b));
                for (other, vision) in colours[..k]
                    .iter()
                    .flat_map(|other| [NORMAL, PROTANOPIA, DEUTERANOPIA, TRITANOPIA].map(|vision| (other, vision)))
                {
                    let apart = seen(colour, &vision).iter().zip(seen(other, &vision)).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
                    // 2.3 is what an eye just sees.
                    assert!(apart.sqrt() >= 18.0, "{colour} and {other} are {} apart", apart.sqrt());
                }
            }
        }
    }
}
