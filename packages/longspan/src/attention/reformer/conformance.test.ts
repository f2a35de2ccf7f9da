import { describeConformance } from "../../testing/conformance/index.js";
import { reformerCases } from "../../testing/mechanisms/reformer.js";

describeConformance(reformerCases);
