/** Values of the labels of a sample, by name. */
export type Labels = Readonly<Record<string, string>>;

/** A metric in the text format of Prometheus (exposition format 0.0.4). */
export interface Metric {
	lines(): string[];
}

function heading(name: string, help: string, type: string): string[] {
	return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function labelled(name: string, labels: Labels): string {
	const escaped = (value: string) => value.replace(/[\\"\n]/g, (sign) => (sign === "\n" ? "\\n" : `\\${sign}`));
	const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escaped(value)}"`);
	return pairs.length === 0 ? name : `${name}{${pairs.join(",")}}`;
}

/** A count that only grows, by labels. */
export class Counter implements Metric {
	readonly #counts = new Map<string, number>();

	constructor(
		private readonly name: string,
		private readonly help: string,
	) {}

	add(labels: Labels, amount = 1): void {
		const sample = labelled(this.name, labels);
		this.#counts.set(sample, (this.#counts.get(sample) ?? 0) + amount);
	}

	lines(): string[] {
		return [
			...heading(this.name, this.help, "counter"),
			...[...this.#counts].map(([sample, count]) => `${sample} ${count}`),
		];
	}
}

/** A value that is read when it is asked for. */
export class Gauge implements Metric {
	constructor(
		private readonly name: string,
		private readonly help: string,
		private readonly read: () => number,
	) {}

	lines(): string[] {
		return [...heading(this.name, this.help, "gauge"), `${this.name} ${this.read()}`];
	}
}

/** How values are spread, by labels. */
export class Histogram implements Metric {
	readonly #series = new Map<string, { labels: Labels; counts: number[]; sum: number }>();

	/** @param bounds upper bounds of the buckets, ascending */
	constructor(
		private readonly name: string,
		private readonly help: string,
		private readonly bounds: readonly number[],
	) {}

	observe(labels: Labels, value: number): void {
		const key = labelled("", labels);
		let series = this.#series.get(key);
		if (!series) this.#series.set(key, (series = { labels, counts: [...this.bounds, 0].map(() => 0), sum: 0 }));
		const bucket = this.bounds.findIndex((bound) => value <= bound);
		const at = bucket < 0 ? this.bounds.length : bucket;
		series.counts[at] = (series.counts[at] as number) + 1;
		series.sum += value;
	}

	lines(): string[] {
		return [
			...heading(this.name, this.help, "histogram"),
			...[...this.#series.values()].flatMap(({ labels, counts, sum }) => {
				let below = 0;
				const buckets = counts.map((count, index) => {
					below += count;
					const le = String(this.bounds[index] ?? "+Inf");
					return `${labelled(`${this.name}_bucket`, { ...labels, le })} ${below}`;
				});
				const rest = [
					[`${this.name}_sum`, sum],
					[`${this.name}_count`, below],
				] as const;
				return [...buckets, ...rest.map(([name, value]) => `${labelled(name, labels)} ${value}`)];
			}),
		];
	}
}
