import { afterAll, beforeAll, describe } from "vitest";
import { type Device, init } from "../../index.js";
import { itEqualsSineCases, readSineCases } from "../../testing/sine-checkpoint.js";
import { longformerType } from "./index.js";

let device: Device;
beforeAll(async () => {
	device = await init({ device: "wasm", threads: 2 });
});
afterAll(() => device.dispose());

// Made by the classes of transformers 5.18.0 in float64, eager attention, no dropout, with the weights of testing/sine-checkpoint.ts.
const cases = readSineCases(new URL("huggingface-fixture.json", import.meta.url));

describe("Longformer", () => itEqualsSineCases(longformerType, cases, () => device));
