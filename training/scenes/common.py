"""The everyday things that scenes are judged by: the judge must know them well."""

COMMON = (
    "red apple|cat face|automobile|pizza|house|deciduous tree|rocket|hot beverage|dog face|guitar|hibiscus|sailboat|birthday cake|strawberry|"
    "banana|lion|elephant|penguin|butterfly|bicycle|airplane|fire|snowman|crown|robot|ghost|umbrella|soccer ball|trophy|key|light bulb|gem stone|"
    "sunflower|cactus|mushroom|hamburger|doughnut|watermelon|grapes|fish|octopus|frog|bear|fox|owl|dragon|castle|tent|anchor|balloon|violin|drum|"
    "laptop|bus|taxi|fire engine|tractor|cow|horse|duck|rabbit|turtle|snail|crab|carrot|lemon|cherries|camera|television|alarm clock|backpack|"
    "top hat|chair|bed|candle|open book|teapot|bell|scarf|rose|helicopter|evergreen tree|wrapped gift"
).split("|")
