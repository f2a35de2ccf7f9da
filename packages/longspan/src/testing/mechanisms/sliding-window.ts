import { slidingWindow } from "../../attention/sliding-window/index.js";
import { slidingWindowReference } from "../../attention/sliding-window/reference.js";
import { attentionGolden, type GoldenRuns } from "../golden-run.js";
import type { MechanismCase } from "../mechanism-case.js";

export const slidingWindowCases: readonly MechanismCase[] = [false, true].flatMap((causal): MechanismCase[] => {
	const suffix = causal ? ", causal" : "";
	return [
		...[0, 5, 100].map(
			(window): MechanismCase => ({
				name: `window ${window}${suffix}`,
				attend: slidingWindow({ window, causal }),
				reference: (q, k, v, keyMask) => slidingWindowReference(q, k, v, { window, causal, keyMask }),
				cross: false,
			}),
		),
		...([3, [1, 4]] as const).map(
			(dilation): MechanismCase => ({
				name: `window 9 dilation ${dilation}${suffix}`,
				attend: slidingWindow({ window: 9, causal, dilation }),
				reference: (q, k, v, keyMask) => slidingWindowReference(q, k, v, { window: 9, causal, dilation, keyMask }),
				cross: false,
				minLength: 5,
				...(typeof dilation !== "number" && { heads: dilation.length }),
			}),
		),
	];
});

type WindowParameters = { readonly w: number; readonly dilation: readonly number[] };

export const slidingWindowGolden: GoldenRuns<WindowParameters> = {
	"window-two-sided": attentionGolden(({ w }) => slidingWindow({ window: w })),
	"window-causal": attentionGolden(({ w }) => slidingWindow({ window: w, causal: true })),
	"window-dilated": attentionGolden(({ w, dilation }) => slidingWindow({ window: w, dilation })),
	"window-dilated-causal": attentionGolden(({ w, dilation }) => slidingWindow({ window: w, dilation, causal: true })),
	"window-padding": attentionGolden(({ w }) => slidingWindow({ window: w })),
};
