#include "models/query/regex.h"

#include "models/records/utf8.h"

#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <algorithm>

namespace faultline {

namespace {

constexpr int kShortestAtom = 3;

RE2::Options options(RE2::Options::Encoding encoding)
{
    RE2::Options made;
    made.set_log_errors(false);
    made.set_max_mem(8 << 20);
    made.set_encoding(encoding);
    return made;
}

re2::StringPiece piece(std::string_view text)
{
    return {text.data(), text.size()};
}

/// The parenthesis that has no partner; RE2 names the whole expression instead.
std::size_t unpairedParenthesis(std::string_view expression, bool opening)
{
    std::vector<std::size_t> open;
    bool inClass = false;
    for (std::size_t i = 0; i < expression.size(); ++i) {
        const char c = expression[i];
        if (c == '\\') {
            ++i;
        } else if (inClass) {
            inClass = c != ']';
        } else if (c == '[') {
            inClass = true;
            if (i + 1 < expression.size() && expression[i + 1] == '^') ++i;
            if (i + 1 < expression.size() && expression[i + 1] == ']') ++i;
        } else if (c == '(') {
            open.push_back(i);
        } else if (c == ')') {
            if (open.empty()) return opening ? 0 : i;
            open.pop_back();
        }
    }
    return open.empty() ? 0 : open.back();
}

Error regexError(std::string_view expression, const RE2& re)
{
    std::string why;
    std::string hint;
    Error::Place place{0, expression.size()};
    const std::string& argument = re.error_arg();
    // The last occurrence: RE2 reports what it stumbled on first, but "+" alone may stand in many places
    // before.
    if (const auto at = expression.rfind(argument); !argument.empty() && at != std::string_view::npos)
        place = {at, argument.size()};
    switch (re.error_code()) {
    case RE2::ErrorBadEscape:
        why = "the regular expression has no escape " + argument;
        hint = "a character itself is written \\\\ before punctuation only; backreferences and lookaround do "
               "not exist";
        break;
    case RE2::ErrorMissingBracket:
        why = "this [ of the regular expression is not closed";
        hint = "add ], or write \\[ for the character";
        place.length = 1;
        break;
    case RE2::ErrorMissingParen:
        why = "this ( of the regular expression is not closed";
        hint = "add ), or write \\( for the character";
        place = {unpairedParenthesis(expression, true), 1};
        break;
    case RE2::ErrorUnexpectedParen:
        why = "this ) of the regular expression closes nothing";
        hint = "write \\) for the character";
        place = {unpairedParenthesis(expression, false), 1};
        break;
    case RE2::ErrorRepeatArgument:
        why = "nothing stands before " + argument + " that it could repeat";
        hint = "write \\" + argument + " for the character; for any run write .*";
        break;
    case RE2::ErrorRepeatSize:
        why = "the repetition " + argument + " is too large or the wrong way round";
        hint = "at most 1000, the smaller number first";
        break;
    case RE2::ErrorRepeatOp: why = "the repetitions " + argument + " cannot stand together"; break;
    case RE2::ErrorBadCharRange:
        why = "the range " + argument + " is not one";
        hint = "ranges rise, as in a-z; a - itself stands first or last in [ ]";
        break;
    case RE2::ErrorTrailingBackslash:
        why = "the regular expression ends in a backslash";
        hint = "write \\\\ for the character";
        place = {expression.empty() ? 0 : expression.size() - 1, 1};
        break;
    case RE2::ErrorBadPerlOp:
        why = "RE2 has no " + argument;
        hint = "there is no lookahead and lookbehind; use AND and NOT beside it";
        break;
    case RE2::ErrorPatternTooLarge: why = "the regular expression is too large to be compiled"; break;
    case RE2::ErrorBadUTF8: why = "the regular expression is not valid UTF-8"; break;
    default: why = "the regular expression is wrong: " + re.error(); break;
    }
    Error error = makeError(ErrorKind::Usage, "read the regular expression", std::move(why));
    if (!hint.empty()) error.hints.push_back(std::move(hint));
    error.place = place;
    return error;
}

bool isOneOf(char c, std::string_view set)
{
    return set.find(c) != std::string_view::npos;
}

/// The text of an expression that is nothing but text.
std::optional<std::string> plainText(std::string_view expression)
{
    std::string text;
    for (std::size_t i = 0; i < expression.size(); ++i) {
        char c = expression[i];
        if (c == '\\') {
            if (++i >= expression.size()) return std::nullopt;
            c = expression[i];
            if (!isOneOf(c, R"(\.+*?()[]{}|^$/-_"':;,<>=!@#%& ~`)")) return std::nullopt;
        } else if (isOneOf(c, R"(.+*?()[]{}|^$)")) {
            return std::nullopt;
        }
        text += c;
    }
    return text;
}

/// May a text that is not UTF-8 be tried as Latin-1? Only where both readings agree on all that is ASCII.
bool readsAsLatin1(std::string_view expression)
{
    for (std::size_t i = 0; i < expression.size(); ++i) {
        if (static_cast<unsigned char>(expression[i]) >= 0x80) return false;
        if (expression[i] != '\\') continue;
        if (++i >= expression.size()) return false;
        if (expression[i] == 'x' || (expression[i] >= '0' && expression[i] <= '9')) return false;
    }
    return true;
}

} // namespace

struct Regex::State
{
    explicit State(std::string_view expression) : utf8(piece(expression), options(RE2::Options::EncodingUTF8))
    {}
    RE2 utf8;
    std::unique_ptr<RE2> latin1;
    std::optional<std::string> literal;
    std::vector<std::string> all, any;

    void findRequired()
    {
        re2::FilteredRE2 filter(kShortestAtom);
        int id = 0;
        if (filter.Add(piece(utf8.pattern()), options(RE2::Options::EncodingUTF8), &id) != RE2::NoError)
            return;
        std::vector<std::string> atoms;
        filter.Compile(&atoms);
        if (atoms.empty() || atoms.size() > 64) return;
        const auto possible = [&](const std::vector<int>& present) {
            std::vector<int> potentials;
            filter.AllPotentials(present, &potentials);
            return !potentials.empty();
        };
        if (possible({})) return; // matches without any of them
        any = atoms;
        for (std::size_t without = 0; without < atoms.size(); ++without) {
            std::vector<int> others;
            for (std::size_t i = 0; i < atoms.size(); ++i)
                if (i != without) others.push_back(static_cast<int>(i));
            if (!possible(others)) all.push_back(atoms[without]);
        }
    }
};

Regex::Regex(std::unique_ptr<State> state) : m_state(std::move(state)) {}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

Result<Regex> Regex::compile(std::string_view expression)
{
    auto state = std::make_unique<State>(expression);
    if (!state->utf8.ok()) return regexError(expression, state->utf8);
    if (readsAsLatin1(expression))
        state->latin1 = std::make_unique<RE2>(piece(expression), options(RE2::Options::EncodingLatin1));
    state->literal = plainText(expression);
    state->findRequired();
    return Regex(std::move(state));
}

bool Regex::matches(std::string_view text) const
{
    if (RE2::PartialMatch(piece(text), m_state->utf8)) return true;
    return m_state->latin1 && !isValidUtf8(text) && RE2::PartialMatch(piece(text), *m_state->latin1);
}

const std::optional<std::string>& Regex::literal() const
{
    return m_state->literal;
}

const std::vector<std::string>& Regex::requiredAll() const
{
    return m_state->all;
}

const std::vector<std::string>& Regex::requiredAny() const
{
    return m_state->any;
}

} // namespace faultline
