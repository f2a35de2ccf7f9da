import { describeConformance } from "../../testing/conformance/index.js";
import { linformerCases } from "../../testing/mechanisms/linformer.js";

describeConformance(linformerCases);
