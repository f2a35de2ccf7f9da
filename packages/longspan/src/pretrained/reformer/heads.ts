import { foldIn } from "../../nn/forward-options.js";
import { linear } from "../../ops/linear.js";
import { scope } from "../../tensor/scope.js";
import type { Architecture, EncoderInputs } from "../architecture.js";
import { firstToken } from "../heads/first-token.js";
import { rowsAt } from "../heads/language-model.js";
import { splitSpans } from "../heads/spans.js";
import { drop } from "../layers/drop.js";
import { applyLinear, declareLinear } from "../layers/linear.js";
import { declareMatrix, declareTensor } from "../parameters/declare.js";
import type { GeneratingArchitecture, LanguageInputs, LogitsOutputs, SpanOutputs } from "../tasks.js";
import type { ReformerConfig } from "./config.js";
import { recomputingSession } from "./decoding.js";
import { reformerModel } from "./model.js";

function declareLanguageHead({ vocabularySize, width }: ReformerConfig) {
	return {
		weight: declareMatrix("lm_head.decoder.weight", [vocabularySize, 2 * width]),
		bias: declareTensor("lm_head.bias", [vocabularySize], "zeros", { aliases: ["lm_head.decoder.bias"] }),
	};
}

/** Scores of tokens: of the next one with `is_decoder`, else of the own. With `positions`, only those rows are scored. */
export function reformerLanguageModel(config: ReformerConfig) {
	const model = reformerModel(config, ["positions"]);
	const declared = { reformer: model.declared, head: declareLanguageHead(config) };
	const architecture: Architecture<LanguageInputs, LogitsOutputs, typeof declared> = {
		declared,
		forward: ({ reformer, head }, inputs, options) =>
			scope(() => {
				const { positions } = inputs;
				const states = model.forward(reformer, inputs, options);
				const scored = positions ? rowsAt("Reformer", states.lastHiddenState, positions) : states.lastHiddenState;
				return { ...states, logits: linear(scored, head.weight, { bias: head.bias }) };
			}),
	};
	return architecture;
}

/**
 * A language model that writes text. Decoding computes the whole sequence at each step, as `use_cache: false` does in transformers: the
 * only form in which a step equals a call over the whole, since any token may move the buckets of all. A text of n tokens takes n
 * forward passes.
 */
export function reformerGenerator(
	config: ReformerConfig,
): GeneratingArchitecture<LanguageInputs, LogitsOutputs, ReturnType<typeof reformerLanguageModel>["declared"]> {
	const model = reformerLanguageModel(config);
	return {
		...model,
		startDecoding: (parameters, inputs) =>
			recomputingSession(config, inputs, (given) => model.forward(parameters, given).logits),
	};
}

/** Scores of classes of the first token: project(tanh(dense(state))). */
export function reformerClassifier(config: ReformerConfig, labels: number, rate: number) {
	const model = reformerModel(config);
	const declared = {
		reformer: model.declared,
		dense: declareLinear("classifier.dense", 2 * config.width, config.width),
		project: declareLinear("classifier.out_proj", config.width, labels),
	};
	const architecture: Architecture<EncoderInputs, LogitsOutputs, typeof declared> = {
		declared,
		forward: ({ reformer, dense, project }, inputs, options = {}) =>
			scope(() => {
				const states = model.forward(reformer, inputs, options);
				const seen = drop(firstToken(states.lastHiddenState), rate, foldIn(options.random, 2));
				const features = drop(applyLinear(seen, dense, "tanh"), rate, foldIn(options.random, 3));
				return { ...states, logits: applyLinear(features, project) };
			}),
	};
	return architecture;
}

/** Scores of every token as the first and as the last of an answer. */
export function reformerSpans(config: ReformerConfig) {
	const model = reformerModel(config);
	const declared = { reformer: model.declared, spans: declareLinear("qa_outputs", 2 * config.width, 2) };
	const architecture: Architecture<EncoderInputs, SpanOutputs, typeof declared> = {
		declared,
		forward: ({ reformer, spans }, inputs, options) =>
			scope(() => {
				const states = model.forward(reformer, inputs, options);
				return { ...states, ...splitSpans(applyLinear(states.lastHiddenState, spans)) };
			}),
	};
	return architecture;
}
