import { type Device, full, init, linear } from "longspan";
import { afterAll, beforeAll, expect, it } from "vitest";
import { generator } from "./generator.js";

let device: Device;
beforeAll(async () => {
	device = await init({ threads: 1 });
});
afterAll(() => device.dispose());

it.each([
	["full", full({ causal: true })],
	["linear", linear({ causal: true })],
] as const)("with %s attention, what is remembered gives the tokens that recomputing gives", (_, attention) => {
	const sizes = { layers: 2, heads: 2, headDim: 4, vocabularySize: 17, maxLength: 40, seed: 1 };
	const model = generator({ attention, ...sizes });
	const live = device.memoryStats().liveBytes;
	const ids = [3, 1, 4, 1, 5, 9, 2, 6, 5];
	const session = model.start();
	session.append(ids.slice(0, 4));
	let token = session.append(ids.slice(4));
	for (let step = 0; step < 20; step++) {
		expect(token).toBe(model.next(ids));
		ids.push(token);
		token = session.append([token]);
	}
	expect(session.position).toBe(29);
	expect(session.stateBytes).toBeGreaterThan(0);
	session.dispose();
	expect(device.memoryStats().liveBytes).toBe(live);
	model.dispose();
});
