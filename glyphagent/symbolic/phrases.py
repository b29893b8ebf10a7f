"""The sentences that the symbolic answerer understands, as patterns over whole questions.

Slots are named by a letter and a number: `n` the thing asked about, `w` what narrows it, `o` a
second name, `h` a word for the thing's kind, `m` the kinds of members asked for, `a` adjectives.
A slot is one word. Patterns are tried in order, the more particular ones first.
"""

# A sentence stays on one line, however long.
# ruff: noqa: E501

from __future__ import annotations

import re
from itertools import count

_KIND = (
    r"(?:functions?|methods?|class(?:es)?|constants?|variables?|attributes?|fields?|property"
    r"|properties|decorators?|types?|interfaces?|enums?|symbols?|names?|identifiers?|objects?"
    r"|exceptions?|modules?|files?|packages?|globals?|settings?|macros?|structs?|coroutines?"
    r"|folder|directory|scripts?|constructor|members?|types? alias|type alias|source files?)"
)
_ADJECTIVE = (
    r"(?:python|js|javascript|typescript|module-level|global|public|private|async|abstract|base"
    r"|top-level|internal|helper|static|exported|class-level|local|other|main|various|different)"
)
_D = r"(?:(?:the|a|an|this|that|its|our|all|all of|any|every|each|both) )*"
_MOD = (
    r"(?:(?:(?:other|python|source|js|modules?|whole|external|internal|third-party|local|outside|own"
    r"|project) )*(?:modules?|files?|packages?|librar(?:y|ies)|names?|things?|dependenc(?:y|ies)"
    r"|imports?|symbols?|stuff|code|scripts?|places?|parts?(?: of the (?:code|project))?|ones))"
)
_PLACE = (
    r"(?:(?:source |python |js |code )?(?:files?|modules?|class(?:es)?|lines?|folders?|packages?"
    r"|places?|paths?|scripts?|directory|line numbers?|file and line|file and on which line"
    r"|part of the (?:code|project)))"
)
_SHOW = (
    r"(?:(?:what(?:'s| is| are| were)|which(?: is| are)|show|give|print|display|get|list|tell|name"
    r"|find|fetch|return|quote|read|see|look up|output|enumerate|what would be|cite|recite|report)"
    r"(?: me| us)? )?(?:all of )?"
)

_DEFWORD = (
    r"(?:(?:original |actual |exact )?(?:definitions?|declarations?|implementations?|locations?"
    r"|source|source code|code|body|place|position|path|(?:path|name) of the (?:file|module)|file and line(?: number)?|file|file name|filename"
    r"|line|line number|module"
    r"|home|origin|source location|source file|path))"
)
_DEFINED = (
    r"(?:defined|declared|implemented|located|introduced|created|written|coded|assigned|set|stored"
    r"|situated|placed|specified|kept|initiali[sz]ed)"
)
_LIVES = r"(?:come from|comes from|lives?|resides?|sits?|stands?|exists?|go|goes|belongs?|happens?)"
_PUT = r"(?:defined?|declared?|implemented?|put|placed?|wrote|written|introduced?|set|assign|keep)"
_SIG = (
    r"(?:(?:full|exact|complete|call|calling|function|method|type|positional|optional|required"
    r"|keyword|formal|input|named) )*(?:signatures?|options|prototypes?|headers?|def line|definition line"
    r"|parameters?|params?|arguments?|args|kwargs|inputs?|parameter lists?|argument lists?"
    r"|parameter names|argument names)"
)
_TAKE = (
    r"(?:takes?|accepts?|ha(?:ve|s)|expects?|needs?|requires?|receives?|supports?|wants?|allows?"
    r"|gets?|understands?|declares?)"
)
_DOC = (
    r"(?:(?:module|class|function|method|written|code|inline|full|complete|api|doc) )*"
    r"(?:docstrings?|documentation|docs?|doc ?strings?|comments?|jsdoc|description|summary"
    r"|help(?: text)?|doc-?comment)"
)
_VALUE = (
    r"(?:(?:current|default|initial|exact|numeric|string|literal|actual|hard-?coded|assigned"
    r"|starting|configured|constant|raw) )*(?:values?|settings?|right-hand side)"
)
_SET = (
    r"(?:set to|set|equal to|equals?|assigned|assigned to|initiali[sz]ed (?:to|with|as)|holds?"
    r"|defaults? to|bound to|stores?|defined (?:as|to be)|configured (?:to|as)|worth"
    r"|evaluates? to|have as (?:its )?value|given as|fixed (?:at|to)|point to|points to)"
)
_IMPORT = r"(?:imports?|depends? on|requires?|relies on|rely on|pulls? in|loads?|needs?)"
_USED = r"(?:used|mentioned|called|referenced|invoked|referred to|accessed|applied|consumed)"
_USE = (
    r"(?:uses?|using|mentions?|mentioning|references?|referencing|refers? to|referring to|names?)"
)
_CALL = r"(?:calls?|calling|invokes?|invoking)"
_FIGURE = r"(?:values?|number|string|figure|limit|default|text|list|tuple|timeout|literal|setting)"
_ALL = r"(?:everything|all|anything|whatever|the things|things)"
_FROM = r"(?:(?: (?:anything|something|things|names|stuff|symbols|code))? (?:from|out of))?"
_MEMBER = (
    r"(?:functions|things|methods|class(?:es)?|constants|variables|attributes|fields|properties"
    r"|definitions|names|symbols|members|interfaces|types|enums|files|modules)"
)
_MEMBERS = rf"(?P<m#>{_MEMBER}(?:(?:,|,? and|,? or)? (?:the )?(?:{_ADJECTIVE} )*{_MEMBER})*)"
_HAVE = (
    r"(?:have|has|defines?|contains?|provides?|declares?|exports?|offers?|implements?|holds?"
    r"|includes?|exposes?|consists? of|bring|come with)"
)
_WHOLE = (
    r"(?:(?:the|this|our|my) (?:project|repo|repository|code ?base|code|source|package|library))"
)
_ASK = (
    r"(?:from where|where exactly|where|whereabouts)"
    rf"(?: exactly)?(?:,? (?:in|inside|within|of) (?:{_WHOLE}|{_D}(?:{_KIND} )?(?P<w#>\S+)),?)?"
)
_THING = rf"(?:{_ADJECTIVE} )*(?:(?P<h#>{_KIND}) )?(?:(?:called|named) )?(?P<n#>\S+?)(?: {_KIND})?"
_OWNED = rf"(?P<w#>\S+?)'s? (?:{_ADJECTIVE} )*(?:{_KIND} )?(?P<n#>\S+?)(?: {_KIND})?"

# `{N}` is a thing with all that may stand around it; `{W}` what may narrow it.
_PARTS = {
    "N": rf"{_D}(?:{_OWNED}|{_THING}"
    rf"(?: (?:of|in|from|on|inside) {_D}(?:{_KIND} )?(?:(?:called|named) )?(?P<w#>\S+?)(?: {_KIND})?)?)",
    "F": rf"{_D}(?:{_ADJECTIVE} )*(?:(?P<h#>{_KIND}) )?(?:(?:called|named) )?(?P<n#>\S+?)"
    rf"(?:'s)?(?: {_KIND})?",
    "O": rf"{_D}(?:{_ADJECTIVE} )*(?:{_KIND} )?(?:(?:called|named) )?(?P<o#>\S+?)(?: {_KIND})?",
    "W": rf"(?:,? (?:in|inside|within|from|of|on|for|at|under|by|defined in|out of|to) {_D}"
    rf"(?:{_ADJECTIVE} )*(?:{_KIND} )?(?:(?:called|named) )?(?P<w#>\S+?)(?: {_KIND})?)?",
    "A": r"(?P<a#>(?:(?:external|internal|third-party|local|outside|own|direct|project) )*)",
    "BE": r"(?:'s| is| are| was| were| does| do| gets?| did)?",
    "D": _D, "MOD": _MOD, "PLACE": _PLACE, "SHOW": _SHOW, "ASK": _ASK, "DEFWORD": _DEFWORD,
    "DEFINED": _DEFINED, "LIVES": _LIVES, "SIG": _SIG, "TAKE": _TAKE, "DOC": _DOC,
    "VALUE": _VALUE, "SET": _SET, "IMPORT": _IMPORT, "USED": _USED, "USE": _USE, "CALL": _CALL,
    "MEMBERS": _MEMBERS, "HAVE": _HAVE, "WHOLE": _WHOLE, "ADJ": _ADJECTIVE, "KIND": _KIND,
    "YOU": r"(?:i|we|you|one|they|someone|people)", "MEMBER": _MEMBER,
    "PUT": _PUT, "FIGURE": _FIGURE, "ALL": _ALL, "FROM": _FROM,
    "PLACES": rf"{_PLACE}(?: (?:of|in) {_D}(?:{_KIND} )?(?P<w#>\S+?))?",
}  # fmt: skip

_CHANGE = (
    r"(?:(?:(?:i|we|you|someone|one|they) )?(?:change[sd]?|modif(?:y|ies|ied)|edit(?:s|ed)?"
    r"|touch(?:es|ed)?|removed?|removes|deleted?|deletes|renamed?|renames|break|breaks|rewrite)"
    r"|changing|modifying|editing|touching|removing|deleting|renaming|breaking|rewriting"
    r"|(?:a |the )?(?:changes?|edits?) (?:to|of|in))"
)
_HIT = r"(?:affect(?:ed)?|broken|break|impact(?:ed)?|hit|reach(?:ed)?|touched?|change|stops? working|fails?)"
_LOOP = (
    r"(?:(?:(?:import|dependency|module|circular) )*(?:cycles?|loops?|circles?)"
    r"|(?:circular|cyclic|mutual) (?:\w+ )?(?:imports?|dependenc(?:y|ies)|references?))"
)
_LEAD = (
    r"(?:depend on|reach|get to|lead to|connected (?:to|with)|connect to|linked (?:to|with)"
    r"|related to|use|import|come to (?:use|import|depend on)|end up (?:using|importing|depending on|in))"
)
# Two names that were joined by `and`.
_PAIR = "(?P<n#>[^\\s\ue001]+)\ue001(?P<o#>\\S+)"
_PARTS |= {"CHANGE": _CHANGE, "HIT": _HIT, "LOOP": _LOOP, "LEAD": _LEAD, "PAIR": _PAIR}

_SENTENCES = """
impact = (?:what|who|what else|which {MOD}|which (?:tests?|functions?|methods?|code|files?)|{SHOW}{D}{MOD})(?: else)?(?: that| which)? (?:(?:would|will|could|can|may|might|is|are|gets?|does) )?(?:be |get )?(?:breaks?|{HIT}) (?:if|when|by|after|on) {CHANGE} {F}
impact = (?:what|which {MOD}) (?:happens|would happen|can happen|could happen|goes wrong) (?:if|when) {CHANGE} {F}
impact = (?:what|who|which {MOD}|which (?:tests?|functions?|files?)) (?:does|do|would|will|could|can|may|might) {CHANGE} {F} {HIT}
impact = {SHOW}{D}(?:impact|blast radius|effects?|consequences?|reach|ripple effects?) (?:of|if|when) {CHANGE} {F}
impact = {SHOW}{D}(?:blast radius|impact|transitive (?:importers|dependents|users)|indirect (?:importers|dependents|users)) of {F}
impact = (?:what|who|which {MOD}|what {MOD}|{SHOW}{D}{MOD})(?: that| which)? (?:{IMPORT}|uses?) {F}(?:,? (?:both ))?,? ?(?:directly (?:or|and) indirectly|indirectly|transitively|even indirectly)
impact = (?:what|who|which {MOD}|what {MOD}|{SHOW}{D}{MOD})(?: that| which)? (?:transitively|indirectly|directly (?:or|and) indirectly) (?:{IMPORT}|uses?) {F}
cycle = (?:is|are) there (?:(?:a|an|any|some|no) )?{LOOP}(?: (?:in|within|of|around|through|with|among|involving|that involves?|between) {F})?
cycle = {SHOW}{D}{LOOP}(?: (?:in|within|of|around|through|with|involving|that involve) {F})?(?: there (?:is|are))?
cycle = (?:which|what) {LOOP} (?:are|is|exist)(?: there)?(?: (?:in|within|around|through|with|involving) {F})?
cycle = (?:which|what|{SHOW}{D}) ?{MOD} (?:that )?(?:import|depend on|use|need) (?:each other|one another|themselves)
cycle = (?:does|do) (?:any|some) {MOD} (?:import|depend on|use) (?:each other|one another|themselves|itself)
cycle = (?:does|do) {F} (?:import|depend on|use|reach|come back to) itself(?: indirectly)?
cycle = (?:is|are) {F} (?:part of|in|involved in|on|inside) (?:(?:a|an|any|some) )?{LOOP}
cycle = (?:does|do|has|have) (?:{WHOLE}|it) (?:have |contain )?(?:(?:a|an|any|some) )?{LOOP}
path = (?:how|through (?:what|which {MOD}|whom)|over (?:what|which {MOD})|via (?:what|which {MOD})|by (?:what|which) (?:path|chain|route)) (?:does|do|is|are|can) {F} {LEAD} {O}(?: indirectly| transitively)?
path = {SHOW}{D}(?:(?:import|dependency|shortest|imports) )*(?:paths?|chains?|routes?|ways?|roads?|connections?)(?: of (?:imports|dependencies))? (?:from|between) {F} (?:to|and|into) {O}
path = {SHOW}{D}(?:(?:import|dependency|shortest|imports) )*(?:paths?|chains?|routes?|ways?|roads?|connections?)(?: of (?:imports|dependencies))? between {D}{PAIR}
path = what (?:connects|links|leads from) {F} (?:to|with|and) {O}
path = (?:what|how) (?:connects|links|is the connection (?:between|of)) {D}{PAIR}
path:ask = (?:does|do|can|is) {F} (?:depend (?:indirectly|transitively) on|(?:indirectly|transitively|ever) (?:import|use|depend on|reach|need)|reach) {O}(?: indirectly| transitively)?
path:ask = (?:does|do) {F} (?:import|use|depend on|need) {O} (?:indirectly|transitively|directly or indirectly|in any way|somehow)
path:ask = is there (?:a|any) (?:(?:import|dependency) )?(?:path|chain|way|route|connection) from {F} to {O}
parameters:count = how many {SIG} (?:does|do|can|must) {N} {TAKE}{W}
parameters:count = how many {SIG} {N} {TAKE}
returns = (?:what|which type|what type|which|what kind of value)(?: of value)? (?:does|do|will|would|is|gets) {N} (?:return|returns|returned by|give back|yield|produce|hand back){W}
returns = what {N} returns{W}
returns = {SHOW}{D}(?:return|returned|result)(?: (?:type|value|annotation))? (?:annotation )?(?:of|for|from) {N}{W}
signature = what (?:do|does|should|must|can|may|would) {YOU} (?:need to |have to )?(?:pass|give|provide|supply|hand)(?: in)? (?:to|into) {N}{W}
signature = (?:what|which) {SIG} (?:are|is) there (?:in|for|on|of|to) {N}{W}
signature = what (?:does|do) {N} (?:need|require|want|take|get) as (?:its |an )?{SIG}{W}
signature = how (?:should|must|can|is|may) {N} (?:to )?be (?:called|invoked|used){W}
returns = (?:what|which)(?: type)? (?:is|gets) returned (?:by|from) {N}{W}
signature = {SHOW}{D}{SIG} (?:of|for|to|from|on|accepted by|taken by|passed to|expected by|that|which) {N}(?: (?:has|have|takes?|accepts?|expects?|needs?))?{W}
signature = (?:what|which) {SIG} (?:does|do|can|must|should|will|are|is|may) {N} (?:be )?(?:{TAKE}|given|passed|called with|available|written with|declared with){W}
signature = (?:what|which) {SIG} (?:is|are|can be|may be|must be) (?:accepted|taken|expected|required|needed|received|passed|given|supported) (?:by|to) {N}{W}
signature = (?:what|which) {SIG} (?:can|do|must|should|may|could) {YOU} (?:pass|give|provide|supply|hand) (?:to |in )?{N}{W}
signature = (?:what|which) {SIG} {N} {TAKE}{W}
signature = what (?:does|do|can|must|should|is|are) {N} (?:take|accept|expect|receive|called with|be called with|be passed|passed)(?: as (?:its )?{SIG})?{W}
signature = what (?:does|do) {D}{SIG} of {N} look like{W}
signature = how (?:do|does|can|could|should|would|must|to) ?{YOU}? ?(?:call|invoke) {N}{W}
signature = how (?:is|are) {N} (?:declared|defined|to be called|invoked){W}
signature = (?:with )?(?:what|which) {SIG} (?:is|are) {N} (?:called|defined|declared|invoked)(?: with)?{W}
signature = {SHOW}{N} (?:signature|parameters?|arguments?|args|params|prototype){W}
bases = (?:what|which)(?: class(?:es)?)? (?:does|do|is|are|did) {N} (?:inherit(?: from)?|extend|derive from|derived from|subclass|based on|a (?:subclass|child) of|inherit its behaviou?r from|built on){W}
bases = {SHOW}{D}(?:base|parent|super|direct)?[ -]?(?:base|parent|super)?[ -]?(?:class(?:es)?|superclass(?:es)?|bases?|parents?|ancestors?) (?:of|for) {N}{W}
bases = (?:which|what)(?: class(?:es)?)? {N} (?:inherits from|extends|derives from|subclasses){W}
bases = {SHOW}{N} (?:base|parent|super)[ -]?(?:class(?:es)?|type)s?{W}
bases = of (?:which|what) class(?:es)? is {N} a (?:subclass|child){W}
subclasses = (?:does|do|is) (?:anything|anyone|any class|something) (?:inherit from|extend|subclass|derive from) {N}{W}
subclasses = (?:which|what|who|{SHOW}{D})(?: ?other)? ?(?:(?:class(?:es)?|exceptions?|errors?|types?|loaders?) ?)?(?:that |which )?(?:are |is )?(?:inherit(?:s|ing)?(?: from)?|extend(?:s|ing)?|deriv(?:e|es|ed|ing) from|subclass(?:es|ing)?(?: of)?|(?:a )?child(?:ren)? of|based on) {N}{W}
subclasses = {SHOW}{D}(?:direct |known )?(?:subclass(?:es)?|child(?:ren)?(?: class(?:es)?)?|derived class(?:es)?|sub-class(?:es)?|descendants?) (?:of|for|that|does) {N}(?: have| has)?{W}
subclasses = (?:which|what) subclass(?:es)? (?:does|do) {N} have{W}
docstring = what (?:is|are|gets) (?:said|written) about {N} in {D}{DOC}
docstring = what (?:does|do|did) {N} {DOC} (?:say|read|state|tell(?: me| us)?|contain|describe){W}
docstring = how (?:does|do) {D}{DOC} (?:describe|explain|document) {N}{W}
docstring = (?:is|are) there (?:a |any |some )?{DOC} (?:of|for|on|about) {N}{W}
docstring = (?:which|what) {DOC} (?:does|do) {N} have{W}
docstring = what(?:'s| is) {N} there for{W}
docstring = {SHOW}{D}{DOC} (?:of|for|on|about|in|attached to|above|at|that|belonging to|says? about|given for|which) {N}(?: (?:has|have|carries))?{W}
docstring = what (?:does|do|did) {D}{DOC} (?:of|for|on|in|above|at)? ?{N} (?:say|says|read|state|tell(?: me| us)?|contain){W}
docstring = what (?:does|do|did) {D}{DOC} (?:say|says|state|tell(?: me| us)?) (?:about|of|for|on) {N}{W}
docstring = what (?:does|do|is|are|can|will|would|would you say does) {N} (?:do|for|used for|supposed to do|meant to do|meant for|intended for|intended to do|good for|about|documented (?:as|to do|for|to be)|described as|mean|represent|responsible for|there for|claim to do){W}
docstring = what(?: is| are| was|'s) {D}(?:purpose|job|role|point|task|responsibility|intent|meaning|use) of {N}{W}
docstring = how (?:is|are|does) {N} (?:documented|described|documents? itself|describe itself){W}
docstring = (?:what|how) {N} (?:does|is for|is documented(?: as)?|means|is described(?: as)?){W}
docstring = what(?:'s| is) written (?:in|about|for) {D}{DOC} (?:of|for) {N}{W}
docstring = is {N} documented{W}
docstring = (?:does|do) {N} have (?:a |an |any )?{DOC}{W}
docstring = {SHOW}{N} (?:docstring|documentation|docs|doc){W}
docstring = describe {N}{W}
value = (?:what|which)(?: value)? (?:is|gets|was) (?:assigned|given|bound) to {N}{W}
value = (?:what|which|(?:what|which) {FIGURE}) (?:is|gets|was) (?:stored in|kept in|held by|held in|behind|set by|set for|assigned to|given to|bound to|given by) {N}{W}
value = {SHOW}{N} default(?: value)?{W}
value = (?:at|to) (?:what|which) {FIGURE} (?:is|was) {N} (?:fixed|set){W}
value = {SHOW}{D}{VALUE} (?:of|for|assigned to|given to|stored in|held by|in|bound to|behind|that|does|taken by|has) {N}(?: (?:has|have|holds|is set to|set to|is assigned))?{W}
value = (?:what|which) {VALUE} (?:does|do|is|are|has|did|was) {N} ?(?:have|hold|get|take|contain|carry|store|equal|been given|given|start with|{SET})?{W}
value = (?:what|to what|to which value|what value|which value){BE} {N} (?:is |are )?(?:currently |by default )?{SET}{W}(?: to)?
value = (?:what|which) (?:number|string|figure|limit|default|text|list|tuple|timeout|literal) (?:is|does|do|has|are) {N} (?:have|hold|{SET}){W}
value = how (?:much|big|large|long|many|high|small|low|great|fast|deep|wide|old) (?:is|are|does|do) {N}(?: (?:set to|set|last|take|configured))?{W}
value = what (?:is|are|does) {N}'s? (?:default )?value
value = {SHOW}{N} value{W}
value = {N} (?:=|==|equals) ?(?:what)?
value = (?:what|how) (?:does|do) {N} (?:equal|default to|evaluate to){W}
value = what {D}(?:value|default) of {N} is{W}
value = what {N} is (?:set to|equal to|assigned|assigned to|initiali[sz]ed (?:to|with)){W}
value = what (?:does|do|did) {YOU} set {N} to{W}
imports:ask = (?:does|do|did|is) {F} (?:import|depend on|require|rely on|load|pull in|importing) (?:anything (?:from|of|in) )?{O}
imports = {SHOW}{D}{ALL}(?: that| which)? (?:is |are |gets? )?(?:imported|required|pulled in|loaded) (?:by|in|into|from|at the top of) {F}
imports = {SHOW}{D}{ALL}(?: that| which)? {F} (?:imports|depends on|requires|relies on|pulls in|needs)
imports = (?:on|from|out of) (?:what|which) {A}{MOD} (?:does|do|is|are) {F} (?:depend|rely|import|importing|dependent)
imports = (?:what|which) {A}(?:modules?|packages?|librar(?:y|ies)|dependencies|files) (?:are|is|get|gets) (?:needed|used|required) (?:by|in|inside) {F}
imports:ask = is {O} imported (?:by|in|into|from|inside) {F}
importers:name = (?:who|what|which {MOD}|which|what {MOD}) (?:import|imports) {N} from {D}(?:{KIND} )?(?P<w#>\\S+)
imports = (?:what|which)(?: all)?(?: names| things| {A}{MOD}| else)? (?:does|do|is|are|has|did|gets) {F} (?:import|imports|importing|imported)(?: (?:from|out of) {O})?
imports = (?:what|which)(?: {A}{MOD})? (?:does|do|is|are|has) {F} (?:depend on|depending on|dependent on|require|rely on|pull in|load|need)
imports = (?:what|which) {A}(?:modules?|packages?|librar(?:y|ies)|dependencies) (?:does|do|is|are) {F} (?:use|using|have|need)
imports = (?:what|which)(?: {A}{MOD})? (?:is|are|gets?|get|were) (?:being )?(?:imported|required|loaded|used|pulled in) (?:by|in|into|inside|within|at the top of) {D}(?:file|module|script) (?P<n#>\\S+)
imports = (?:what|which)(?: {A}{MOD})? (?:is|are|gets?|get|were) (?:being )?(?:imported|required|loaded|pulled in) (?:by|in|into|inside|within|from|at the top of) {F}
imports = {SHOW}{D}{A}(?:imports?|dependenc(?:y|ies)|import (?:statements?|lines?|list|block|section)|imported (?:modules?|names|files|packages|things)|requires|required modules) (?:of|in|for|from|made by|used by|listed in|at the top of|inside|that) {F}(?: has| have)?
imports = {SHOW}{F} (?:imports|dependencies|import statements)
imports = (?:what|which)(?: {A}{MOD})? {F} (?:imports|depends on|requires|relies on)
imports = (?:what|which) imports (?:does|do|are|is) (?:there )?(?:in )?{F}(?: have| has| contain| there)?
imports = {SHOW}{D}{A}{MOD} (?:that |which )?(?:is |are |gets )?(?:imported|required|loaded) (?:by|in|into|from) {F}
imports = {SHOW}{D}{A}{MOD} (?:that |which )?{F} (?:imports|depends on|requires)
importers = (?:who|what|what else|who else|which {MOD}|what {MOD}|which|{SHOW}{D}{MOD})(?: that| which)?(?: all)? (?:is |are )?(?:imports?|importing|loads?|loading|pulls?){FROM} {F}
importers = (?:who|which {MOD}|what {MOD}) (?:has|have) (?:an |some |any )?imports? (?:of|from) {F}
importers = (?:who|what|what else|who else|which {MOD}|what {MOD}|which|{SHOW}{D}{MOD})(?: that| which)?(?: all)?(?: directly| actually)? (?:is |are )?(?:{IMPORT}|importing|depending on|requiring|dependent on) {F}{W}
importers = {ASK}{BE} {F} (?:is |are |get |being )?(?:imported|required|loaded)(?: from)?{W}
importers = (?:by|in|from|into) (?:whom|what|which {MOD}|what {MOD}|where) (?:is|are|gets) {F} (?:imported|required|loaded){W}
importers = (?:who|what|which {MOD}|what {MOD}) (?:is|are) {F} (?:imported|required|loaded|used) (?:by|in|from|into)
importers = {F} is (?:imported|required|used) (?:by|in|where)(?: whom| which {MOD}| what)?
importers = {SHOW}{D}(?:importers?|reverse dependenc(?:y|ies)|dependents?|reverse imports|imports) of {F}
importers = {ASK} (?:do|does|did) (?:{YOU}|{WHOLE}) import {F}{W}
importers = (?:is|are) {F} (?:imported|required) (?:anywhere|by (?:anyone|anything|any {MOD}|some {MOD})|somewhere|elsewhere){W}
importers = (?:does|do) (?:anyone|anything|any {MOD}|any file) (?:import|depend on|require) {F}
importers:count = how many {MOD} (?:{IMPORT}|importing) {F}
users = (?:who|what|what else|who else|which {MOD}|what {MOD}|{SHOW}{D}{MOD})(?: that| which)?(?: all| else)?(?: directly)? (?:uses?|using|make use of|makes use of) {N}{W}
users = {SHOW}{D}users of {N}{W}
mentions:raise = {ASK}(?: all| else)?{BE} {N} (?:is |are |get |being )?(?:raised|thrown){W}
mentions:raise = (?:who|what|which {PLACE}|which (?:functions?|methods?|code)|what (?:functions?|code)|{SHOW}{D}(?:places?|lines?|functions?|methods?|code))(?: that| which| where)? (?:raises?|throws?) {N}{W}
mentions:raise = {ASK} (?:do|does|did) (?:{YOU}|{WHOLE}) (?:raise|throw) {N}{W}
mentions:catch = {ASK}(?: all| else)?{BE} {N} (?:is |are |get |being )?(?:caught|excepted){W}
mentions:catch = (?:who|what|which {PLACE}|which (?:functions?|methods?|code)) (?:catch|catches) {N}{W}
mentions:call = by (?:whom|what) (?:is|are) {N} (?:called|invoked){W}
mentions:call = {ASK}(?: are| is| do| does)? {D}(?:calls?|callers|invocations?) (?:to|of) {N}(?: {LIVES}| made| located| found)?{W}
mentions:call = {ASK}(?: all| else)?{BE} {N} (?:is |are |get |being )?(?:called|invoked)(?: from)?{W}
mentions:call = (?:who|what|what else|which {PLACE}|which (?:other )?(?:functions?|methods?|code)|what (?:other )?(?:functions?|code)|{SHOW}{D}(?:places?|lines?|functions?|methods?|code))(?: that| which| where)? {CALL} {N}{W}
mentions:call = {SHOW}{D}(?:callers?|calls?|call sites?|invocations?) (?:of|to|for) {N}{W}
mentions:call = {ASK} (?:do|does|did) (?:{YOU}|{WHOLE}) (?:call|invoke) {N}{W}
mentions:call = (?:in|by|from|at) (?:which|what) (?:{PLACE}|functions?|methods?) (?:is|are|does) {N} (?:called|invoked)(?: from)?{W}
mentions:call = (?:is|are) {N} (?:called|invoked)(?: (?:anywhere|somewhere|elsewhere|by anyone|by anything)){W}
mentions:files = (?:which|what|{SHOW}{D})(?: ?other)? ?(?:source |python )?(?:files|modules|file)(?: that| which| where)?(?: all)? (?:is |are )?(?:{USE}|contain|{CALL}|talks? about|talking about|have|containing|with) {N}{W}
mentions:files = in (?:which|what|how many) (?:files?|modules?) (?:is|are|does) {N} (?:mentioned|used|referenced|appear|occur|referred to){W}
mentions:files = who (?:mentions?|references?|refers to|names|talks about) {N}{W}
mentions = by (?:whom|what) (?:is|are) {N} {USED}{W}
mentions = {ASK} (?:can|could|do) {YOU} (?:see|find) {N} (?:being )?{USED}{W}
mentions = {SHOW}{D}(?:places?|lines?|spots?|files) (?:where|in which|on which) {N} (?:is|are|gets) (?:being )?{USED}{W}
mentions = (?:what|which) (?:usages?|uses|references|mentions|occurrences) of {N} (?:are|exist)(?: there)?{W}
mentions = {ASK}(?: all| else)?{BE} {N} (?:is |are |get |being |also )?(?:{USED}|appear|appears|occur|occurs|show up|turn up|crop up){W}
mentions = {ASK} (?:do|does|can|did) (?:{YOU}|{WHOLE}) (?:use|mention|reference|refer to|see|access) {N}{W}
mentions = (?:what|what else|which {PLACE}|which (?:other )?(?:functions?|methods?|code|lines?)|{SHOW}{D}(?:places?|lines?|functions?|methods?|code))(?: that| which| where)? {USE} {N}{W}
mentions = (?:which|what|{SHOW}{D}) ?lines? (?:that )?(?:contain|contains|have|with|containing|include) {N}{W}
mentions = (?:in|by|from|at|on) (?:which|what) (?:{PLACE}|functions?|methods?) (?:is|are|does|do) {N} (?:{USED}|appear|occur){W}
mentions = {SHOW}{D}(?:usages?|uses?|references?|mentions?|occurrences?|appearances?|lines with|lines mentioning|lines that (?:mention|use)) (?:of|to|for)? ?{N}{W}
mentions = (?:grep|search|search for|look for|find all|find every|list all|grep for) {N}{W}
mentions = (?:is|are) {N} (?:{USED})(?: (?:anywhere|somewhere|elsewhere|by anyone|by anything))?{W}
mentions = (?:does|do) (?:anyone|anything|any {MOD}) (?:use|mention|call|reference) {N}{W}
mentions:count = how (?:often|many times|frequently) (?:is|does|do|are|has) {N} (?:{USED}|appear|occur|been used|mentioned|come up){W}
mentions:count = how many (?:usages?|uses?|references?|mentions?|occurrences?|calls?) (?:of|to|for) {N} (?:are|is|exist)(?: there)?{W}
mentions = (?:does|do) {O} (?:use|mention|call|reference|refer to) {N}
outline:count = count {D}(?:{ADJ} )*{MEMBERS} (?:in|of|inside) {F}
outline = (?:what|which things) (?:can|could|do) {YOU} (?:find|see|expect)(?: to find)? (?:in|inside) {F}
outline = {SHOW}(?:me )?(?:everything|all|all there is)(?: that is| defined| there is)? (?:in|inside|of|from) {F}
outline:count = how many {D}(?:{ADJ} )*{MEMBERS} (?:are |is )?(?:there |defined |declared |contained )?(?:in|on|inside|of|by|within) {F}(?: there)?
outline:count = how many (?:{ADJ} )*{MEMBERS} (?:does|do|has|is|are) {F} {HAVE}
outline = (?:what|which) (?:{ADJ} )*{MEMBERS} (?:does|do|can|are|is|has|did) {F} {HAVE}
outline = (?:what|which) (?:{ADJ} )*{MEMBERS} (?:are |is |can be |exist |live |belong )?(?:there )?(?:available |defined |declared |contained |implemented |found |listed |provided |exported |present |live |callable )?(?:in|on|inside|of|by|from|within|for|to) {F}(?: there)?
outline = (?:what|which) (?:{ADJ} )*{MEMBERS} {F} {HAVE}
outline = {SHOW}{D}(?:(?:names|list|listing|overview) of )?{D}(?:{ADJ} )*{MEMBERS} (?:that |which )?(?:are |is )?(?:there )?(?:of|in|inside|on|from|for|within|belonging to|(?:available|defined|declared|contained|implemented|provided|exported|found) (?:in|by|on|inside|from|within|for)) {F}
outline = {SHOW}{D}(?:{ADJ} )*{MEMBERS} (?:that )?{F} {HAVE}
outline = {SHOW}{F}'s (?:{ADJ} )*{MEMBERS}
outline = (?:what|what all|what else)(?:'s| is| are)? (?:there )?(?:to be found )?(?:in|inside|within|defined (?:in|by|inside)|contained in|found in|declared in|provided by|exported (?:by|from)|part of|implemented in) {F}
outline = what (?:does|do) {F} (?:{HAVE}|consist of|look like inside|have in it|have inside|contain inside)(?: inside| in it)?
outline = {SHOW}{D}(?:contents?|outline|overview|structure|table of contents|toc|layout|definitions list|make-?up) (?:of|for|in) {F}
outline = (?:outline|list|(?:summari[sz]e|describe) {D}(?:contents?|structure) of) {F}
outline = what {F} (?:contains|defines|provides|exports)
definition:ask = (?:is|are) there (?:a|an|any|some) (?:{ADJ} )*(?P<h#>{KIND}) (?:(?:called|named) )?(?P<n#>\\S+){W}
definition:ask = (?:does|do) (?:{WHOLE}|it) (?:{HAVE}) {N}
definition:ask = (?:does|do) {D}(?:{KIND} )?(?P<w#>\\S+) {HAVE} {D}(?:{ADJ} )*(?:(?P<h#>{KIND}) )?(?:(?:called|named) )?(?P<n#>\\S+?)(?: {KIND})?
definition:ask = does {N} exist{W}
definition:ask = is {N} (?:defined|declared|implemented|present|available)(?: (?:anywhere|somewhere))?{W}
definition = {ASK}{BE} {D}{DEFWORD} (?:of|for) {N}(?: {LIVES}| {DEFINED}| found)?{W}
definition = {ASK} (?:have|has|had|did) (?:{YOU}|{WHOLE}) {PUT} {N}{W}
definition = {ASK} (?:does|do|did) {D}(?:{KIND} )?(?P<w#>\\S+) {PUT} {N}
definition = (?:in |on |at )?(?:which|what) {PLACE} (?:can|could|do|would|should|will|may|must) {YOU} (?:find|see|look (?:in|at|into) (?:for|to see)|open (?:to see|to find|for|to read)|get) {N}{W}
definition = (?:which|what) {PLACE} is {D}(?:home|place|origin) (?:to|of|for) {N}
definition = {N} (?:is|gets) {DEFINED} (?:in |on |at )?(?:which|what|where)(?: {PLACE})?
definition = {ASK} (?:can|could|do|would|should|might|will|may) {YOU} (?:find|locate|see|look for|look up|define|declare|implement|get|read|look at) (?:the {DEFWORD} (?:of|for) )?{N}(?: defined| declared)?{W}
definition = {ASK} (?:can|could|may|might) {N} be (?:found|seen|located|defined){W}
definition = {ASK}{BE} {N} (?:is |are |get |gets |being |to be )?(?:first |actually |originally |really |itself )?(?:{DEFINED}|found|{LIVES}){W}
definition = {ASK}{BE} {N}{W}
definition = {ASK} {N} (?:is|are)(?: {DEFINED})?{W}
definition = (?:in |on |at |under |inside |from )?(?:which|what) {PLACE}(?: and (?:on |at )?(?:which )?line)?(?: (?:of|in) {D}(?:{KIND} )?(?P<w#>\\S+))? (?:is|are|was|does|do|has|did|can) {N}(?: be)?(?: (?:{DEFINED}|found|{LIVES}))?(?: in| on| at| from| to)?{W}
definition = (?:in |on |at )?(?:which|what) {PLACE} {N} (?:is|gets) (?:{DEFINED}|found|in|on)(?: in| on| at)?{W}
definition = (?:who|what|which|which one|what code|(?:which|what) {PLACES}) (?:defines?|declares?|implements?|contains?|holds?|provides?|introduces?|includes?|hosts?|has|assigns|sets|creates) (?:the {DEFWORD} (?:of|for) )?{N}{W}
definition = {SHOW}{D}{DEFWORD} (?:of|for|where|in which|that defines|defining|containing|on which|with) {N}(?: is| are)?(?: (?:{DEFINED}|found|{LIVES}))?{W}
definition = (?:find|locate|look up|go to|jump to|navigate to|take me to|point me to|open|show me|show|lookup) {N}{W}
definition = {N} (?:definition|declaration|location|is defined where|defined where|defined in which file|where|implementation){W}
describe = (?:what|who)(?:'s| is| are| was|) {N}{W}
describe = what (?:kind|sort|type) of (?:thing|object|symbol|definition) is {N}{W}
describe = (?:explain|tell me about|info on|information (?:on|about)|details (?:of|on|about)) {N}{W}
definition:bare = {N}
"""


def _expand(sentence: str) -> str:
    """A sentence's pattern with its parts filled in and its slots numbered."""
    for _ in range(3):
        sentence = re.sub(r"\{([A-Z]+)\}", lambda part: _PARTS[part.group(1)], sentence)
    numbers = count()
    return re.sub(r"(?<=\(\?P<[a-z])#", lambda _: str(next(numbers)), sentence)


def _read(table: str) -> tuple[tuple[str, str], ...]:
    lines = [line.partition(" = ") for line in table.strip().split("\n")]
    return tuple((kind.strip(), _expand(sentence)) for kind, _, sentence in lines)


PATTERNS = _read(_SENTENCES)
