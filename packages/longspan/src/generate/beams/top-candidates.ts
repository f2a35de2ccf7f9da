/** A token with which a beam may go on. */
export interface Candidate {
	/** Which beam of its entry. */
	readonly beam: number;
	readonly token: number;
	/** Sum of log-probabilities up to this token. */
	readonly score: number;
}

/**
 * The `count` candidates of highest score among those offered, of equal ones those offered first. A score of -Infinity is never one.
 * Nearly all of a vocabulary fall below the worst kept one, and cost no more than that comparison.
 */
export class TopCandidates {
	/** The best first. */
	readonly kept: Candidate[] = [];

	constructor(readonly count: number) {}

	/** Offers every token of a beam, whose score so far is `sum`. */
	offer(beam: number, sum: number, logProbabilities: Float32Array): void {
		let floor = this.#floor();
		for (let token = 0; token < logProbabilities.length; token++) {
			const score = sum + (logProbabilities[token] as number);
			if (!(score > floor)) continue;
			this.#insert({ beam, token, score });
			floor = this.#floor();
		}
	}

	#insert(candidate: Candidate): void {
		let at = this.kept.length;
		while (at > 0 && candidate.score > (this.kept[at - 1] as Candidate).score) at--;
		this.kept.splice(at, 0, candidate);
		if (this.kept.length > this.count) this.kept.pop();
	}

	/** What a candidate must be above to be kept. */
	#floor(): number {
		return this.kept.length < this.count ? Number.NEGATIVE_INFINITY : (this.kept.at(-1) as Candidate).score;
	}
}
