const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** 65536 as "65,536". */
export function formatCount(value: number): string {
	return grouped.format(value);
}

/** A time in the unit that suits it. */
export function formatMs(ms: number): string {
	if (!Number.isFinite(ms)) return "–";
	if (ms < 0.9995) return `${(ms * 1000).toPrecision(3)} µs`;
	if (ms < 999.5) return `${ms.toPrecision(3)} ms`;
	if (ms < 119_500) return `${(ms / 1000).toPrecision(3)} s`;
	if (ms < 7_170_000) return `${(ms / 60_000).toPrecision(3)} min`;
	return `${formatCount(ms / 3_600_000)} h`;
}

function scaled(value: number, base: number, units: readonly string[]): string {
	let unit = 0;
	let rest = value;
	while (rest >= base * 0.9995 && unit < units.length - 1) {
		rest /= base;
		unit++;
	}
	const digits = unit === 0 || rest >= 999.5 ? formatCount(rest) : rest.toPrecision(3);
	return `${digits} ${units[unit]}`;
}

/** A number of bytes in binary units. */
export function formatBytes(bytes: number): string {
	return scaled(bytes, 1024, ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]);
}

/** Floating-point operations in decimal units. */
export function formatFlops(flops: number): string {
	return scaled(flops, 1000, ["FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP", "PFLOP"]);
}

/** How many times as fast, such as "3.2×". */
export function formatRatio(ratio: number): string {
	return Number.isFinite(ratio)
		? `${ratio >= 99.95 ? formatCount(ratio) : ratio.toPrecision(ratio < 1 ? 2 : 3)}×`
		: "–";
}

/** An error, such as "3.1e-7"; "0" for none. */
export function formatError(error: number): string {
	if (error === 0) return "0";
	if (!Number.isFinite(error)) return "not finite";
	return error >= 0.01 ? error.toPrecision(2) : error.toExponential(1);
}

/** Bits per byte; a run that diverged has none. */
export function formatBits(bits: number): string {
	return Number.isFinite(bits) ? bits.toFixed(3) : "diverged";
}

/** Growth with the length, such as "n^1.98". */
export function formatExponent(exponent: number | null): string {
	return exponent === null ? "–" : `n^${exponent.toFixed(2)}`;
}

/** "a, b and c". */
export function formatList(items: readonly string[]): string {
	return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items[items.length - 1]}`;
}
