import { foldIn } from "../../nn/forward-options.js";
import type { LinearActivation } from "../../ops/linear.js";
import { reshape } from "../../ops/reshape.js";
import { scope } from "../../tensor/scope.js";
import type { EncoderInputs } from "../architecture.js";
import { drop } from "../layers/drop.js";
import type { Encoder } from "../layers/encoder.js";
import { applyLinear, declareLinear } from "../layers/linear.js";
import type { LogitsOutputs } from "../tasks.js";
import { firstToken } from "./first-token.js";
import { defineHead } from "./with-head.js";

type Logits = Pick<LogitsOutputs, "logits">;

/**
 * Classes of a text: a projection of its first token, an activation, and scores, with dropout before both projections (RoBERTa,
 * Longformer, BigBird).
 */
export function firstTokenClassifier(
	{ sizes: { dim } }: Encoder,
	{ labels, activation, dropout }: { labels: number; activation: LinearActivation; dropout: number },
) {
	return defineHead(
		{
			dense: declareLinear("classifier.dense", dim, dim),
			output: declareLinear("classifier.out_proj", dim, labels),
		},
		({ dense, output }, hidden, _inputs: EncoderInputs, random): Logits =>
			scope(() => {
				const seen = drop(firstToken(hidden), dropout, foldIn(random, 0));
				const features = drop(applyLinear(seen, dense, activation), dropout, foldIn(random, 1));
				return { logits: applyLinear(features, output) };
			}),
	);
}

/** Classes of a text from its pooled first token (BERT). */
export function pooledClassifier(
	{ sizes: { dim } }: Encoder,
	{ pooler, labels, dropout }: { pooler: string; labels: number; dropout: number },
) {
	return defineHead(
		{ pooler: declareLinear(pooler, dim, dim), classifier: declareLinear("classifier", dim, labels) },
		({ pooler: own, classifier }, hidden, _inputs: EncoderInputs, random): Logits =>
			scope(() => ({
				logits: applyLinear(drop(applyLinear(firstToken(hidden), own, "tanh"), dropout, random), classifier),
			})),
	);
}

/** Classes of each token. */
export function tokenClassifier({ sizes: { dim } }: Encoder, { labels, dropout }: { labels: number; dropout: number }) {
	return defineHead(
		{ classifier: declareLinear("classifier", dim, labels) },
		({ classifier }, hidden, _inputs: EncoderInputs, random): Logits =>
			scope(() => ({ logits: applyLinear(drop(hidden, dropout, random), classifier) })),
	);
}

/** A score of each choice from its pooled first token. The encoder has the choices of all entries one after the other. */
export function choiceClassifier(
	{ sizes: { dim } }: Encoder,
	{ pooler, dropout }: { pooler: string; dropout: number },
) {
	return defineHead(
		{ pooler: declareLinear(pooler, dim, dim), classifier: declareLinear("classifier", dim, 1) },
		({ pooler: own, classifier }, hidden, { choices }: EncoderInputs & { readonly choices: number }, random): Logits =>
			scope(() => {
				const scores = applyLinear(drop(applyLinear(firstToken(hidden), own, "tanh"), dropout, random), classifier);
				return { logits: reshape(scores, [-1, choices]) };
			}),
	);
}
