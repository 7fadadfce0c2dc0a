import { createApp, h, shallowRef } from 'vue';

const props = shallowRef(window.first);
window.set = (next) => { props.value = next; };
createApp({ setup: () => () => h('live-player', props.value) }).mount('#app');
