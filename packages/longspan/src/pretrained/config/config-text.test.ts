import { expect, it } from "vitest";
import { configText } from "./config-text.js";

it("writes real numbers with their point, and changes nothing else", () => {
	const config = {
		axial_norm_std: 1,
		decoder_layerdrop: 0,
		hidden_dropout_prob: 0,
		layer_norm_eps: 1e-12,
		num_hidden_layers: 2,
		initializer_range: 0.02,
		task_specific_params: { dropout: 0 },
		classifier_dropout: null,
		dropout: 0,
	};
	const text = configText(config);
	expect(JSON.parse(text)).toEqual(config);
	expect(text.match(/\d\.0\b/g)).toHaveLength(4);
	expect(text).toMatch(/"axial_norm_std": 1\.0,[\s\S]*"dropout": 0\n {2}\},[\s\S]*"dropout": 0\.0\n\}/);
});
