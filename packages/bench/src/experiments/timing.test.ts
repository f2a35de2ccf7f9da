import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { timeRounds } from "./timing.js";

test("contestants take turns; long calls are made once, and first calls of others do not count", async () => {
	const order: string[] = [];
	const times = await timeRounds(
		[
			{ name: "short", run: () => void order.push("short") },
			{
				name: "long",
				async run() {
					order.push("long");
					await sleep(60);
				},
			},
		],
		{ seconds: 0.1, rounds: 2 },
	);
	expect(order).toEqual(["short", "long", "short", "short"]);
	expect(times.get("short")?.calls).toBe(2);
	expect(times.get("long")?.calls).toBe(1);
	expect(times.get("long")?.milliseconds).toBeGreaterThan(50);
});
