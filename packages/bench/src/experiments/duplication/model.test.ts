import { expect, it } from "vitest";
import { duplicationTargets } from "./model.js";

it("asks for the second w alone", () => {
	const ids = Int32Array.of(0, 5, 6, 0, 5, 6, 0, 7, 8, 0, 7, 8);
	const none = -100;
	expect([...duplicationTargets({ ids, firstTarget: 4 }, 6)]).toEqual([
		...[none, none, none, 5, 6, none],
		...[none, none, none, 7, 8, none],
	]);
});
