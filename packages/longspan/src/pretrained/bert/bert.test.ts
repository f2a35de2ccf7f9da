import { afterAll, beforeAll, describe } from "vitest";
import { type Device, init } from "../../index.js";
import { itEqualsSineCases, readSineCases } from "../../testing/sine-checkpoint.js";
import { bertType, robertaType } from "./index.js";

// Made by the classes of transformers 5.18.0 in float64, eager attention, no dropout, with the weights of testing/sine-checkpoint.ts.
const cases = readSineCases(new URL("huggingface-fixture.json", import.meta.url));
const casesOf = (prefix: string) => cases.filter(({ class: name }) => name.startsWith(prefix));

describe.each(["wasm", "reference"] as const)("on %s", (kind) => {
	let device: Device;
	beforeAll(async () => {
		device = await init(kind === "wasm" ? { device: kind, threads: 2 } : { device: kind });
	});
	afterAll(() => device.dispose());

	describe("BERT", () => itEqualsSineCases(bertType, casesOf("Bert"), () => device));
	describe("RoBERTa", () => itEqualsSineCases(robertaType, casesOf("Roberta"), () => device));
});
