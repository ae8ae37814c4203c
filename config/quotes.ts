/** How long a quoted price holds, in seconds. The caller may ask for less or more, up to `longest`. */
export default { lifetime: 900, longest: 3_600 }
