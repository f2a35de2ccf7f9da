import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bucketCount } from "../../attention/reformer/buckets.js";
import { hashTokens } from "../../attention/reformer/hash.js";
import { separatePadding } from "../../attention/reformer/plans.js";
import { type Device, init, intTensor, keep, pad, scope, type Tensor, treeTensors } from "../../index.js";
import { type GoldenCall, GoldenModel, goldenModelsPresent } from "../../testing/golden-models.js";
import type { EncoderInputs } from "../architecture.js";
import { applyNorm } from "../layers/norm.js";
import { causalLanguageLoss, tokenLoss } from "../losses/index.js";
import type { Declared, Loaded } from "../parameters/declare.js";
import { loadParameters } from "../parameters/load.js";
import type { GeneratingArchitecture, LanguageInputs, LogitsOutputs } from "../tasks.js";
import { projectHeads } from "./attention-layer.js";
import { readReformerConfig } from "./config.js";
import { reformerType } from "./index.js";
import { bucketFactorsAt, paddedLength } from "./lengths.js";
import type { ReformerDeclared } from "./model.js";

const tasks = {
	"reformer-lm": "causal-lm",
	"reformer-mlm": "masked-lm",
	"reformer-seqcls": "sequence-classification",
} as const;

type Folder = keyof typeof tasks;

const models = goldenModelsPresent
	? (Object.keys(tasks) as Folder[]).map((folder) => [folder, new GoldenModel(folder)] as const)
	: [];

const calls = models.flatMap(([folder, golden]) =>
	golden.calls.map(([name, call]) => ({ folder, golden, name, call })),
);

type Architecture = GeneratingArchitecture<LanguageInputs, LogitsOutputs>;
type ReformerParameters = Loaded<ReformerDeclared>;

interface LoadedModel {
	readonly architecture: Architecture;
	readonly parameters: Loaded<Declared>;
}

/** A generation of the reference. */
interface Generation {
	readonly name: string;
	readonly input_ids: string;
	readonly sequences: string;
	readonly options: { readonly max_new_tokens: number };
}

describe.skipIf(!goldenModelsPresent).each([
	["wasm", () => init({ device: "wasm", threads: 2 })],
	["reference", () => init({ device: "reference" })],
] as const)("golden Reformers on %s", (_, start) => {
	let device: Device;
	const loaded = new Map<Folder, LoadedModel>();

	beforeAll(async () => {
		device = await start();
		for (const [folder, golden] of models) {
			const fields = golden.fields();
			const architecture = reformerType.classes[tasks[folder]]?.create(fields) as Architecture;
			fields.finish();
			const { prefix } = reformerType;
			const { parameters, unused } = await loadParameters(architecture.declared, golden.weights, {
				device,
				format: "float32",
				prefix,
			});
			expect(unused).toEqual([]);
			loaded.set(folder, { architecture, parameters });
		}
	});
	afterAll(() => device.dispose());

	const inputsOf = (golden: GoldenModel, call: GoldenCall): EncoderInputs => ({
		inputIds: golden.ids(call, "input_ids") as Tensor<"int32">,
		attentionMask: golden.ids(call, "attention_mask"),
		numHashes: call.kwargs.num_hashes as number | undefined,
		rotations: call.rotations && Object.values<string>(call.rotations).map((name) => golden.floats(name)),
	});

	const lossOf = (folder: Folder, logits: Tensor, labels: Tensor<"int32">): Tensor =>
		tasks[folder] === "causal-lm" ? causalLanguageLoss(logits, labels) : tokenLoss(logits, labels);

	it.each(calls)("$folder $name: $call.note", async ({ folder, golden, call }) => {
		const { architecture, parameters } = loaded.get(folder) as LoadedModel;
		const outputs: Record<string, Tensor> = keep(
			scope(() => {
				const inputs = inputsOf(golden, call);
				const { logits, lastHiddenState, hiddenStates } = architecture.forward(parameters, inputs, {
					outputHiddenStates: true,
				});
				// Without hidden states the streams run another way.
				const plain = architecture.forward(parameters, inputs);
				const labels = golden.ids(call, "labels");
				return {
					logits,
					last_hidden_state: plain.lastHiddenState,
					same_hidden_state: lastHiddenState,
					...(labels && { loss: lossOf(folder, plain.logits, labels) }),
					...Object.fromEntries(
						(hiddenStates as readonly Tensor[]).map((state, index) => [`hidden_states.${index}`, state]),
					),
				};
			}),
		);
		expect(outputs.last_hidden_state?.dataSync()).toEqual(outputs.same_hidden_state?.dataSync());
		expect(Object.keys(call.outputs)).toContain("logits");
		for (const name of Object.keys(call.outputs)) await golden.expectOutput(call, name, outputs[name] as Tensor);
		for (const output of treeTensors(outputs)) output.dispose();
	});

	const hashed = calls.filter(({ call }) => call.buckets);

	it.each(hashed)("$folder $name: buckets", ({ folder, golden, call }) => {
		const { architecture, parameters } = loaded.get(folder) as LoadedModel;
		const config = readReformerConfig(golden.fields());
		scope(() => {
			const inputs = inputsOf(golden, call);
			const [batch, length] = inputs.inputIds.shape as [number, number];
			const padded = paddedLength(config, length);
			const factors = bucketFactorsAt(config, padded);
			if (call.num_buckets) expect(factors).toEqual([call.num_buckets].flat());
			const { reformer } = parameters as { reformer: ReformerParameters };
			const { hiddenStates } = architecture.forward(parameters, inputs, { outputHiddenStates: true });
			const mask = inputs.attentionMask ?? intTensor(new Int32Array(batch * length).fill(1), [batch, length]);
			const keyMask = pad(mask, 1, 0, padded - length).dataSync();
			Object.entries<string>(call.buckets).forEach(([layer, name], which) => {
				const { attention } = reformer.encoder.layers[Number(layer)] as ReformerParameters["encoder"]["layers"][number];
				const states = pad((hiddenStates as readonly Tensor[])[Number(layer)] as Tensor, 1, 0, padded - length);
				const q = projectHeads(config, applyNorm(states, attention.norm, config.epsilon), attention.query);
				const codes = hashTokens(q, (inputs.rotations as readonly Tensor[])[which] as Tensor, factors);
				const entries = batch * config.heads;
				const tokens = { codes, buckets: bucketCount(factors), entries, length: padded };
				const separated = separatePadding(tokens, keyMask);
				const found = Array.from({ length: entries }, (__, entry) =>
					separated.codes.map((ofRound, round) =>
						Array.from(
							ofRound.subarray(entry * padded, (entry + 1) * padded),
							(code) => code + round * separated.buckets,
						),
					),
				);
				expect(found.flat(2)).toEqual(Array.from(golden.stored(name).values));
			});
		});
	});

	const generations = models.flatMap(([, golden]) =>
		((golden.case.generate ?? []) as Generation[]).map((generation) => ({ golden, generation })),
	);

	it.each(generations)("writes $generation.name", ({ golden, generation }) => {
		const { architecture, parameters } = loaded.get("reformer-lm") as LoadedModel;
		const prompt = golden.stored(generation.input_ids);
		const [rows, length] = prompt.shape as [number, number];
		// All calls with a hash seed have the rotations of the first.
		const rotations = [keep(golden.floats("a.rotations.1")), keep(golden.floats("a.rotations.3"))];
		const inputs = scope(() => ({ inputIds: intTensor(prompt.values, [rows, length]), rotations }));
		const session = architecture.startDecoding(parameters, inputs);
		const sequences = Array.from({ length: rows }, (__, row) =>
			Array.from(prompt.values.subarray(row * length, (row + 1) * length)),
		);
		let next = Array.from(prompt.values);
		for (let step = 0; step < generation.options.max_new_tokens; step++) {
			const scores = scope(() => Array.from(session.append(intTensor(next, [rows, next.length / rows])).dataSync()));
			const vocabulary = scores.length / rows;
			next = sequences.map((_sequence, row) => {
				const own = scores.slice(row * vocabulary, (row + 1) * vocabulary);
				return own.indexOf(Math.max(...own));
			});
			sequences.forEach((sequence, row) => {
				sequence.push(next[row] as number);
			});
		}
		expect(sequences.flat()).toEqual(Array.from(golden.stored(generation.sequences).values));
		expect(session.position).toBe(length + generation.options.max_new_tokens - 1);
		session.dispose();
	});
});
