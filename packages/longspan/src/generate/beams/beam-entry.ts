import type { GeneratedSequence } from "../generate-tokens.js";
import type { GenerationSettings } from "../settings/generation-options.js";
import type { LengthLimits } from "../settings/length-limits.js";
import type { Candidate } from "./top-candidates.js";

/** A sequence that goes on. */
export interface Beam {
	/** Its prompt first. */
	readonly ids: readonly number[];
	/** Sum of the log-probabilities of what follows the prompt. */
	readonly sum: number;
	/** Which of the entry's beams it was one token before. */
	readonly from: number;
}

type Scored = GeneratedSequence & { readonly score: number };

/** The beam search of one entry: the sequences that go on, and the best that have ended. */
export class BeamEntry {
	/** At most `numBeams`, the best first. */
	beams: readonly Beam[];
	/** Whether nothing can change its result any more. */
	done = false;
	/** At most `numBeams`, the best first. */
	readonly #finished: Scored[] = [];

	constructor(
		prompt: readonly number[],
		readonly limits: LengthLimits,
		readonly settings: GenerationSettings,
	) {
		this.beams = [{ ids: prompt, sum: 0, from: 0 }];
	}

	/** Candidates needed so that `numBeams` go on if all others end. */
	get candidateCount(): number {
		return Math.max(2, 1 + this.settings.eosTokenId.length) * this.settings.numBeams;
	}

	/** Takes the next token of all beams, which all have the same length. Only the first `numBeams` candidates can end a sequence. */
	advance(candidates: readonly Candidate[]): void {
		const { numBeams, eosTokenId } = this.settings;
		const length = (this.beams[0] as Beam).ids.length + 1;
		const beams: Beam[] = [];
		candidates.forEach(({ beam, token, score }, rank) => {
			const ended = eosTokenId.includes(token);
			const stops = ended || length === this.limits.max;
			if (stops ? rank >= numBeams : beams.length === numBeams) return;
			const ids = [...(this.beams[beam] as Beam).ids, token];
			if (!stops) beams.push({ ids, sum: score, from: beam });
			else this.#finish({ ids: ids.slice(this.limits.prompt), ended, score: this.#ranked(score, length) });
		});
		// Drawn candidates come in any order.
		this.beams = beams.toSorted((a, b) => b.sum - a.sum);
		this.done = this.#isDone(length);
	}

	/** The best sequences, the best first. */
	get result(): GeneratedSequence[] {
		return this.#finished.slice(0, this.settings.numReturnSequences);
	}

	#finish(sequence: Scored): void {
		let at = this.#finished.length;
		while (at > 0 && sequence.score > (this.#finished[at - 1] as Scored).score) at--;
		this.#finished.splice(at, 0, sequence);
		if (this.#finished.length > this.settings.numBeams) this.#finished.pop();
	}

	#isDone(length: number): boolean {
		const { numBeams, earlyStopping, lengthPenalty } = this.settings;
		const [best] = this.beams;
		if (!best) return true;
		if (this.#finished.length < numBeams) return false;
		if (earlyStopping === true) return true;
		// A score below 0 is best when it is divided by the most.
		const bestLength = earlyStopping === "never" && lengthPenalty > 0 ? this.limits.max : length;
		return this.#ranked(best.sum, bestLength) <= (this.#finished.at(-1) as Scored).score;
	}

	#ranked(sum: number, length: number): number {
		return sum / (length - this.limits.prompt) ** this.settings.lengthPenalty;
	}
}
