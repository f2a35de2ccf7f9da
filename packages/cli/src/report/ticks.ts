const mostTicks = 8;

/** A domain that leaves a little room around the values. */
export function paddedLogDomain(values: readonly number[]): [number, number] {
	const [low, high] = [Math.min(...values), Math.max(...values)];
	const room = Math.max(1.25, (high / low) ** 0.06);
	return [low / room, high * room];
}

/** Powers of `base` within a domain, times each of `factors`, as many as are legible. */
export function logTicks(
	[low, high]: readonly [number, number],
	base: number,
	factors: readonly number[] = [1],
): number[] {
	const first = Math.floor(Math.log(low) / Math.log(base));
	const last = Math.ceil(Math.log(high) / Math.log(base));
	const powers = Array.from({ length: last - first + 1 }, (_, index) => base ** (first + index));
	const within = (ticks: number[]) => ticks.filter((tick) => tick >= low && tick <= high);
	const fine = within(powers.flatMap((power) => factors.map((factor) => power * factor)));
	if (fine.length <= mostTicks) return fine;
	const coarse = within(powers);
	const every = Math.ceil(coarse.length / mostTicks);
	return coarse.filter((_, index) => index % every === 0);
}

/** Round values within a domain, some five of them. */
export function linearTicks([low, high]: readonly [number, number]): number[] {
	const rough = (high - low) / 5;
	const power = 10 ** Math.floor(Math.log10(rough));
	const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
	const first = Math.ceil(low / step);
	// Whole multiples, divided where the step is a fraction, so that no rounding is seen.
	const scale = step < 1 ? Math.round(1 / step) : null;
	return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, index) =>
		scale ? (first + index) / scale : (first + index) * step,
	);
}

/** Some of the values, evenly chosen, if there are too many to be legible. */
export function thinned(values: readonly number[]): number[] {
	const every = Math.ceil(values.length / mostTicks);
	return values.filter((_, index) => (values.length - 1 - index) % every === 0);
}
