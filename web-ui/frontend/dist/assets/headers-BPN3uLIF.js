function e(e){return e.map(([e=``,t=``])=>`${e}: ${t}`).join(`
`)}export{e as t};