/** The entry: replaces the skeleton in #app with the app. */
import "./ui/styles/base.css";
import "./ui/styles/skeleton.css";
import "./ui/styles/controls.css";
import { mount } from "svelte";
import App from "./ui/App.svelte";
import { fitViewport } from "./ui/viewport";

const target = document.getElementById("app");
if (!target) throw new Error("index.html has no #app");
fitViewport();
target.replaceChildren();
mount(App, { target });
