/** A mean that forgets: of all values at first, then an exponential one over about `span` of them. */
export class RunningMean {
	private count = 0;
	private mean = 0;

	constructor(private readonly span: number) {}

	add(value: number): void {
		this.count++;
		this.mean += (value - this.mean) / Math.min(this.count, this.span);
	}

	/** NaN before the first value. */
	get value(): number {
		return this.count > 0 ? this.mean : Number.NaN;
	}
}
