import type { DecodingRun } from "./decoding-run.js";
import { sampleToken } from "./sample-token.js";
import { likeliest } from "./sampling/likeliest.js";

/** The next token of every sequence, step by step, undefined for those that have ended: the likeliest, or one drawn. */
export async function* decodeStepByStep(run: DecodingRun): AsyncGenerator<(number | undefined)[], void, void> {
	const { session, prompts, limits, settings, idleToken } = run;
	const copies = settings.numReturnSequences;
	const sequences = prompts.flatMap((prompt, entry) =>
		Array.from({ length: copies }, (_, copy) => ({ entry, copy, ids: [...prompt], ended: false })),
	);
	let scores = await run.scoresAfter(prompts);
	if (copies > 1) {
		const rows = sequences.map(({ entry }) => entry);
		session.select(rows);
		scores = rows.map((row) => (scores[row] as Float32Array).slice());
	}
	for (let length = limits.prompt + 1; ; length++) {
		const step = sequences.map((sequence, row) => {
			if (sequence.ended) return undefined;
			const token = nextToken(run, scores[row] as Float32Array, sequence);
			sequence.ids.push(token);
			sequence.ended = run.ends(token);
			return token;
		});
		yield step;
		if (length === limits.max || sequences.every(({ ended }) => ended)) return;
		scores = await run.scoresAfter(step.map((token) => [token ?? idleToken]));
	}
}

function nextToken(
	run: DecodingRun,
	scores: Float32Array,
	{ ids, entry, copy }: { readonly ids: readonly number[]; readonly entry: number; readonly copy: number },
): number {
	const { doSample, temperature, topK, topP, minP, typicalP, seed } = run.settings;
	run.applyRules(scores, ids, entry);
	if (!doSample) return likeliest("generateTokens", scores);
	return sampleToken(scores, {
		temperature,
		topK: topK === 0 ? undefined : topK,
		topP,
		minP,
		typicalP,
		seed,
		position: ids.length,
		sequence: copy,
	});
}
