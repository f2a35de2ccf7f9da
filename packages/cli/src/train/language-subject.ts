import type { Device, LanguageModelParameters, Tensor } from "longspan";
import type { TextWindows } from "../data/window-source.js";
import { predictedTokens, predictWindows, windowsTensor } from "../models/predict-windows.js";
import { storedParameters } from "../models/save-model.js";
import type { Subject } from "./learner.js";
import type { TrainedModel } from "./model.js";

/** Sequences on the device, and the number of tokens to predict in them. */
export interface LoadedWindows {
	readonly ids: Tensor<"int32">;
	readonly targets: number;
}

/** Prediction of each token from those before it. */
export function languageSubject(
	{ model, measured }: TrainedModel,
	device: Device,
): Subject<LanguageModelParameters, TextWindows, LoadedWindows> {
	return {
		load: (windows) => ({ ids: windowsTensor(windows, device), targets: predictedTokens(windows) }),
		loss: (parameters, { ids }, options) => model.loss(parameters, ids, options),
		targets: ({ targets }) => targets,
		async measure(parameters, windows) {
			const targets = predictedTokens(windows);
			const loss = await predictWindows(measured, parameters, windows, device);
			return { nats: loss * targets, targets, bytes: windows.bytes };
		},
		store: storedParameters,
	};
}
