export class Controls { constructor(p){} setVisible(){} adopt(){} update(){} destroy(){} handleKey(){} toggleStatistics(){} }
