// The page's entry.
import { mount } from 'svelte';
import App from './app/App.svelte';
import './styles/index.css';

const root = document.getElementById('app');
if (root === null) throw new Error('index.html has an element #app');
mount(App, { target: root });
