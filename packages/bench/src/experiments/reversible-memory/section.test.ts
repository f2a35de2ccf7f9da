import { expect, it } from "vitest";
import { machineFacts } from "../../machine.js";
import { type Form, forms, type Row, section } from "./section.js";

const settings = { depths: [4, 32], length: 4096, dim: 64, heads: 4, chunk: 256, vocabulary: 256, steps: 3 };
const growth: Readonly<Record<Form, number>> = {
	stored: 8,
	checkpointed: 2,
	reversible: 1.1,
	"reversible + chunked": 1.12,
};
const rows = forms.flatMap((form) =>
	settings.depths.map(
		(depth): Row => ({
			...{ attention: "window 64", form, depth, weightBytes: 1e5 * depth },
			activationBytes: depth === 4 ? 1e7 : 1e7 * growth[form],
			secondsPerStep: form === "stored" ? 1 : 1.4,
		}),
	),
);

it("compares memory and time with stored activations, and growth with the target", () => {
	const { tables, findings } = section({
		...{ experiment: "reversible-memory", date: "2026-11-30", machine: machineFacts(), device: "test", seed: 0 },
		...{ settings, seconds: 1, rows },
	});
	expect(tables[0]).toContain("| 32 | 80 MB | 20 MB | 11 MB | 11 MB |");
	expect(tables[1]).toContain("| 4 | 1.0 | 1.4 | 1.4 | 1.4 |");
	expect(findings[0]).toContain("grow by a factor of 1.12: the target of at most 1.15 is reached");
	expect(findings[1]).toContain("stored activations grow by a factor of 8.0, checkpointed ones by 2.0");
	expect(findings[2]).toContain("checkpointed takes 25 % of the memory and 1.4 times the time of stored");
});
