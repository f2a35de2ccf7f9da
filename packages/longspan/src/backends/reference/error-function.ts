const twoOverRootPi = 2 / Math.sqrt(Math.PI);
const rootPi = Math.sqrt(Math.PI);

/** From here on the continued fraction converges fast, and 1 - erf would lose digits. */
const seriesEnd = 1.5;

/** The error function, to about 1e-15. */
export function erf(x: number): number {
	if (Math.abs(x) >= seriesEnd) return Math.sign(x) * (1 - erfcTail(Math.abs(x)));
	return erfSeries(x);
}

/** The complementary error function 1 - erf(x), to a relative error of about 1e-14 until it underflows near 26. */
export function erfc(x: number): number {
	if (x >= seriesEnd) return erfcTail(x);
	if (x <= -seriesEnd) return 2 - erfcTail(-x);
	return 1 - erfSeries(x);
}

/** erf(x) = 2/sqrt(pi) exp(-x²) sum over n of 2^n x^(2n+1) / (1·3·5···(2n+1)); all terms have one sign (DLMF 7.6.2). */
function erfSeries(x: number): number {
	let term = x;
	let sum = x;
	for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
		term *= (2 * x * x) / (2 * n + 1);
		sum += term;
	}
	return twoOverRootPi * Math.exp(-x * x) * sum;
}

/** erfc(x) = exp(-x²)/sqrt(pi) · 1/(x + (1/2)/(x + (2/2)/(x + (3/2)/(x + ...)))) for x > 0 (DLMF 7.9.1). */
function erfcTail(x: number): number {
	const terms = Math.ceil(25 + 150 / (x * x));
	let fraction = x;
	for (let n = terms; n >= 1; n--) fraction = x + n / 2 / fraction;
	return Math.exp(-x * x) / (rootPi * fraction);
}
