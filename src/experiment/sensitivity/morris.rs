use super::bootstrap::{Bootstrap, Estimate};

/// Morris's mu, mu* and sigma of every factor: mean, mean of absolutes (Campolongo et al. 2007) and standard deviation of
/// its elementary effects, change of `y` by change of the factor in units of its range. Points come as trajectories of
/// k + 1, each point differing from the one before in one factor; `x` holds a row a point.
///
/// `None` where a step changes no factor or more than one, or a factor twice in a trajectory.
pub fn morris(x: &[Vec<f64>], y: &[f64], bootstrap: Bootstrap) -> Option<Vec<[Estimate; 3]>> {
    let factors = x.first()?.len();
    let trajectories: Option<Vec<Vec<f64>>> = x
        .chunks_exact(factors + 1)
        .zip(y.chunks_exact(factors + 1))
        .map(|(x, y)| {
            let mut effects = vec![f64::NAN; factors];
            for (x, y) in x.windows(2).zip(y.windows(2)) {
                let mut moved = (0..factors).filter(|&f| x[0][f] != x[1][f]);
                let factor = moved.next().filter(|&f| moved.next().is_none() && effects[f].is_nan())?;
                effects[factor] = (y[1] - y[0]) / (x[1][factor] - x[0][factor]);
            }
            Some(effects)
        })
        .collect();
    let trajectories = trajectories.filter(|t| !t.is_empty())?;
    let estimates = bootstrap.estimate(trajectories.len(), |chosen| {
        let n = chosen.len() as f64;
        let of = |factor: usize| {
            let effects = || chosen.iter().map(|&t| trajectories[t][factor]);
            let mean = effects().sum::<f64>() / n;
            let squares = effects().map(|e| (e - mean).powi(2)).sum::<f64>();
            [mean, effects().map(f64::abs).sum::<f64>() / n, (squares / (n - 1.0)).sqrt()]
        };
        (0..factors).flat_map(of).collect()
    });
    Some(estimates.chunks_exact(3).map(|three| [three[0], three[1], three[2]]).collect())
}
