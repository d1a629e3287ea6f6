// What lies in the page as JSON.

const island = (id) => JSON.parse(document.getElementById(id).textContent);
