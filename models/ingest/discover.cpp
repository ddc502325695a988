#include "models/ingest/discover.h"

#include "models/base/time.h"
#include "models/ingest/forwarded_input.h"
#include "models/ingest/glob.h"
#include "models/ingest/input_archive.h"
#include "models/ingest/input_streams.h"
#include "models/ingest/not_a_log.h"
#include "models/ingest/open_input.h"
#include "models/ingest/path_order.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>

namespace faultline {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxMembers = 100'000;

using FileKey = std::pair<std::uint64_t, std::uint64_t>; // device, inode

/// The member that a cursor stands at, lent for looking into it.
class LentMember final : public ByteInput
{
public:
    explicit LentMember(ArchiveCursor& cursor) : m_cursor(cursor) {}
    Result<Chunk> read(char* buffer, std::size_t capacity) override
    {
        auto chunk = m_cursor.read(buffer, capacity);
        if (chunk) m_consumed += chunk->bytes;
        return chunk;
    }
    std::uint64_t consumed() const override { return m_consumed; }
    std::uint64_t size() const override { return 1; } // not known, not a pipe

private:
    ArchiveCursor& m_cursor;
    std::uint64_t m_consumed = 0;
};

/// Sets the encoding, and why it is not read, if it is not. What was named is read though it looks like
/// prose.
void judge(const DecodedStream& stream, bool named, InputEntry& entry)
{
    if (stream.guess.kind == ContentKind::Utf16Le) entry.encoding = "UTF-16LE";
    if (stream.guess.kind == ContentKind::Utf16Be) entry.encoding = "UTF-16BE";
    if (stream.fault) return; // reading it tells
    entry.skipReason =
        stream.guess.kind == ContentKind::Empty ? std::string(kSkippedEmpty) : stream.guess.reason;
    if (!entry.skipReason.empty() || stream.guess.kind != ContentKind::Text) return;
    const bool complete = stream.head.size() < kSniffBytes;
    entry.skipReason = reasonNotALog(entry.path, stream.head, complete);
    entry.judged = !entry.skipReason.empty();
    if (entry.judged && named && !entry.skipReason.ends_with("metrics are not read yet")) {
        entry.skipReason.clear();
        entry.judged = false;
    }
}

/// Ends with an Error when the time for looking is over: an archive is not unpacked for longer.
class InputWithin final : public ForwardedInput
{
public:
    InputWithin(std::unique_ptr<ByteInput> input, std::function<bool()> over)
        : ForwardedInput(std::move(input)), m_over(std::move(over))
    {}
    Result<Chunk> read(char* buffer, std::size_t capacity) override
    {
        if (m_over())
            return makeError(ErrorKind::Cancelled, "look into an archive", "the time for it is over");
        return ForwardedInput::read(buffer, capacity);
    }

private:
    std::function<bool()> m_over;
};

constexpr const char* kNotListed = "there was no time to list the rest of it";

Result<std::unique_ptr<ByteInput>> innermost(Result<std::unique_ptr<ByteInput>> raw, const std::string& name)
{
    if (!raw) return std::move(raw).error();
    auto decoded = decodeStream(std::move(*raw), name);
    if (!decoded) return std::move(decoded).error();
    return std::move(decoded->input);
}

/// Lists the members of containers into entries.
class MemberLister
{
public:
    /// `within`: may be null.
    MemberLister(const InputEntry& file, std::vector<InputEntry>& out, DiscoverWithin* within,
                 std::stop_token stop)
        : m_file(file), m_out(out), m_within(within), m_stop(std::move(stop))
    {}

    // The depth of nesting is bounded by kMaxNesting, and so is this recursion.
    void list(ArchiveCursor& cursor, const std::shared_ptr<ArchiveReader>& reader, const std::string& path,
              const std::string& name, unsigned depth)
    {
        std::map<std::string, unsigned> seen;
        ArchiveMember member;
        while (!m_stop.stop_requested() && !m_full) {
            auto more = cursor.next(member);
            if (m_within != nullptr && m_within->over()) {
                note(path, name, kNotListed, false);
                m_out.back().unlooked = m_full = true;
                return;
            }
            if (!more) {
                note(path, name, "the archive cannot be read to its end: " + more.error().why, true);
                return;
            }
            if (!*more) return;
            if (m_members++ == kMaxMembers) {
                note(path, name, "more than 100,000 members; the rest is not read", false);
                m_full = true;
                return;
            }
            if (const unsigned again = ++seen[member.name]; again > 1)
                member.name += " (" + std::to_string(again) + ")";
            add(cursor, reader, member, path + "!" + member.name, name + "!" + member.name, depth);
        }
    }

private:
    void add(ArchiveCursor& cursor, const std::shared_ptr<ArchiveReader>& reader, const ArchiveMember& member,
             const std::string& path, const std::string& name, unsigned depth)
    {
        InputEntry entry = m_file;
        entry.path = path;
        entry.name = name;
        entry.bytes = member.bytes;
        if (member.modified != 0) entry.modified = member.modified;
        entry.skipReason = member.skipReason;
        const auto openRaw = [reader, index = member.index] { return reader->open(index); };
        entry.open = [openRaw, path] { return innermost(openRaw(), path); };
        for (std::string_view rest = member.name; entry.skipReason.empty() && !rest.empty();) {
            const std::size_t slash = rest.find('/');
            entry.skipReason = junkReason(rest.substr(0, slash), slash != std::string_view::npos);
            rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
        }
        if (!entry.skipReason.empty()) {
            m_out.push_back(std::move(entry));
            return;
        }
        auto decoded = decodeStream(std::make_unique<LentMember>(cursor), path);
        if (!decoded) {
            entry.skipReason = decoded.error().why;
        } else if (!isContainer(decoded->guess.kind)) {
            judge(*decoded, false, entry);
            if (decoded->guess.allZero && member.bytes > kSniffBytes) entry.skipReason.clear();
            if (m_within != nullptr) keepHead(*decoded, entry);
        } else if (depth == kMaxNesting) {
            entry.skipReason = "archives are nested more than 4 deep";
        } else {
            const ContentKind kind = decoded->guess.kind;
            auto inner = ArchiveCursor::open(std::move(decoded->input), kind, path);
            if (inner) {
                auto innerReader = std::make_shared<ArchiveReader>(
                    [openRaw, path] { return innermost(openRaw(), path); }, kind, path);
                list(**inner, innerReader, path, name, depth + 1);
                return;
            }
            entry.skipReason = inner.error().why;
            entry.unreadable = true;
        }
        m_out.push_back(std::move(entry));
    }

    void keepHead(DecodedStream& stream, InputEntry& entry)
    {
        entry.compressed = stream.compressed;
        if (stream.head.size() > m_within->headBytes || !entry.skipReason.empty()) return;
        m_within->headBytes -= stream.head.size();
        entry.headIsAll = stream.head.size() < kSniffBytes && !stream.fault;
        entry.head = std::move(stream.head);
    }

    void note(const std::string& path, const std::string& name, std::string reason, bool unreadable)
    {
        InputEntry entry = m_file;
        entry.path = path;
        entry.name = name;
        entry.skipReason = std::move(reason);
        entry.unreadable = unreadable;
        m_out.push_back(std::move(entry));
    }

    const InputEntry& m_file;
    std::vector<InputEntry>& m_out;
    DiscoverWithin* m_within;
    std::stop_token m_stop;
    std::size_t m_members = 0;
    bool m_full = false;
};

/// A run of zeros at the beginning of a file is a hole before text, or a disk image: its end decides.
std::string reasonOfZeros(const std::string& path, std::uint64_t size)
{
    auto file = openFileInput(path);
    if (!file || !(*file)->seekable()) return {};
    std::array<char, kSniffBytes> tail{};
    if (!(*file)->seek(size > tail.size() ? size - tail.size() : 0)) return {};
    auto chunk = (*file)->read(tail.data(), tail.size());
    if (!chunk) return {};
    const ContentGuess guess = guessContent({tail.data(), chunk->bytes});
    if (guess.allZero) return "nothing but zero bytes";
    return guess.reason;
}

InputEntry unreadable(const std::string& path, const std::string& name, std::string reason)
{
    InputEntry entry;
    entry.path = path;
    entry.name = name;
    entry.skipReason = std::move(reason);
    entry.unreadable = true;
    return entry;
}

InputEntry missing(const std::string& path, const std::string& name, std::string reason)
{
    InputEntry entry = unreadable(path, name, std::move(reason));
    entry.missing = true;
    return entry;
}

struct Found
{
    std::string path, name;
    bool link = false;  // reached over a symbolic link
    bool named = false; // by a person, not found in a folder
    std::string skipReason;
    bool unreadable = false;
    bool unlooked = false;
};

class Discovery
{
public:
    explicit Discovery(std::stop_token stop, const DiscoverWithin* within = nullptr) : m_stop(std::move(stop))
    {
        if (within != nullptr) m_within = *within;
    }

    void named(const std::string& text, bool several)
    {
        if (text == "-") {
            InputEntry entry;
            entry.path = entry.name = "-";
            entry.open = [stop = m_stop] { return openInput("-", stop); };
            m_entries.push_back(std::move(entry));
            return;
        }
        std::error_code error;
        const fs::path path = fs::absolute(text, error).lexically_normal();
        std::vector<Found> found;
        if (fs::exists(fs::symlink_status(path, error))) {
            place(path, several, found);
        } else if (hasGlob(text)) {
            const auto matches = expandGlob(path.string(), m_stop);
            for (const std::string& match : matches) place(match, true, found);
            if (matches.empty())
                m_entries.push_back(missing(path.string(), text, "nothing matches this pattern"));
        } else if (path.string().find('!') != std::string::npos) {
            member(path.string(), text);
        } else {
            m_entries.push_back(missing(path.string(), text, std::generic_category().message(ENOENT)));
        }
        std::sort(found.begin(), found.end(),
                  [](const Found& a, const Found& b) { return pathBefore(a.path, b.path); });
        for (Found& one : found) m_found.push_back(std::move(one));
        flush();
    }

    std::vector<InputEntry> take() { return std::move(m_entries); }

private:
    void member(const std::string& path, const std::string& text)
    {
        auto input = openInput(path, m_stop);
        if (!input) {
            m_entries.push_back(input.error().kind == ErrorKind::NotFound
                                    ? missing(path, text, input.error().why)
                                    : unreadable(path, text, input.error().why));
            return;
        }
        InputEntry entry;
        entry.path = path;
        entry.name = text;
        entry.bytes = (*input)->size();
        entry.open = [path, stop = m_stop] { return openInput(path, stop); };
        m_entries.push_back(std::move(entry));
    }

    void place(const fs::path& path, bool several, std::vector<Found>& found)
    {
        std::error_code error;
        if (!fs::is_directory(path, error)) {
            found.push_back(
                {path.string(), path.filename().string(), fs::is_symlink(path, error), true, {}, false});
            return;
        }
        const std::string prefix =
            several && path.has_filename() ? path.filename().string() + "/" : std::string();
        struct Folder
        {
            fs::path path;
            std::string name;
            bool link;
        };
        std::vector<Folder> open{{path, prefix, false}}, linked;
        while ((!open.empty() || !linked.empty()) && !m_stop.stop_requested()) {
            // Folders behind links last, so that what also has a plain path is found by that.
            auto& from = open.empty() ? linked : open;
            const Folder folder = std::move(from.back());
            from.pop_back();
            if (isOver()) {
                found.push_back(
                    {folder.path.string(), folder.name, folder.link, false, kNotListed, false, true});
                continue;
            }
            struct stat info = {};
            if (::stat(folder.path.c_str(), &info) != 0) continue;
            if (!m_folders.insert({info.st_dev, info.st_ino}).second) continue;
            fs::directory_iterator walk(folder.path, error), end;
            if (error) {
                found.push_back(
                    {folder.path.string(), folder.name, folder.link, false, error.message(), true});
                continue;
            }
            for (; !error && walk != end; walk.increment(error)) {
                const std::string file = walk->path().filename().string();
                std::error_code ignored;
                const bool link = walk->is_symlink(ignored);
                const bool isFolder = walk->is_directory(ignored);
                std::string junk = junkReason(file, isFolder);
                // It may have no writer, ever: who wants to wait for one says so.
                if (junk.empty() && walk->is_fifo(ignored)) junk = "a pipe (name it, to read from it)";
                if (isFolder && junk.empty())
                    (link || folder.link ? linked : open)
                        .push_back({walk->path(), folder.name + file + "/", link || folder.link});
                else
                    found.push_back(
                        {walk->path().string(), folder.name + file, link || folder.link, false, junk, false});
            }
            if (error)
                found.push_back(
                    {folder.path.string(), folder.name, folder.link, false, error.message(), true});
        }
    }

    void flush()
    {
        // Which path of a file is read: the first without a link, or else the first.
        std::map<FileKey, std::size_t> chosen;
        const auto key = [](const Found& found, FileKey& result) {
            struct stat info = {};
            if (!found.skipReason.empty() || ::stat(found.path.c_str(), &info) != 0 || !S_ISREG(info.st_mode))
                return false;
            result = {info.st_dev, info.st_ino};
            return true;
        };
        FileKey file;
        for (std::size_t i = 0; i < m_found.size(); ++i) {
            if (!key(m_found[i], file)) continue;
            const auto [at, fresh] = chosen.try_emplace(file, i);
            if (!fresh && m_found[at->second].link && !m_found[i].link) at->second = i;
        }
        for (std::size_t i = 0; i < m_found.size() && !m_stop.stop_requested(); ++i) {
            Found& found = m_found[i];
            if (!found.skipReason.empty()) {
                InputEntry entry = unreadable(found.path, found.name, found.skipReason);
                entry.unreadable = found.unreadable;
                entry.unlooked = found.unlooked;
                m_entries.push_back(std::move(entry));
                continue;
            }
            if (key(found, file)) {
                const auto known = m_files.find(file);
                if (known != m_files.end() && known->second == found.path) continue; // named twice
                const bool other = chosen[file] != i && m_found[chosen[file]].path != found.path;
                if (known != m_files.end() || other) {
                    InputEntry entry =
                        unreadable(found.path, found.name,
                                   "the same file as " +
                                       (known != m_files.end() ? known->second : m_found[chosen[file]].path));
                    entry.unreadable = false;
                    m_entries.push_back(std::move(entry));
                    continue;
                }
                m_files[file] = found.path;
            }
            inspect(found);
        }
        m_found.clear();
    }

    void inspect(const Found& found);
    bool isOver() const { return m_within && m_within->over(); }

    std::stop_token m_stop;
    std::optional<DiscoverWithin> m_within;
    std::vector<Found> m_found;
    std::vector<InputEntry> m_entries;
    std::set<FileKey> m_folders;
    std::map<FileKey, std::string> m_files; // what is read
};

/// Fills what stat says; false when there is nothing to look into (skipReason says why, or it is a pipe).
bool describe(InputEntry& entry, const std::stop_token& stop)
{
    struct stat info = {};
    if (::stat(entry.path.c_str(), &info) != 0) {
        const int reason = errno;
        std::error_code error;
        const fs::path target = fs::read_symlink(entry.path, error);
        entry.unreadable = true;
        entry.skipReason = !error && reason == ENOENT
                               ? "the link points to " + target.string() + ", which does not exist"
                               : std::generic_category().message(reason);
        return false;
    }
    entry.device = info.st_dev;
    entry.inode = info.st_ino;
    entry.bytes = S_ISREG(info.st_mode) ? static_cast<std::uint64_t>(info.st_size) : 0;
    if (__builtin_mul_overflow(TimeNs(info.st_mtim.tv_sec), kSecondNs, &entry.modified)) entry.modified = 0;
    entry.modified += entry.modified != 0 ? info.st_mtim.tv_nsec : 0;
    entry.open = [path = entry.path, stop] { return openInput(path, stop); };
    if (S_ISFIFO(info.st_mode)) return false;
    if (!S_ISREG(info.st_mode)) entry.skipReason = S_ISSOCK(info.st_mode) ? "a socket" : "a device";
    return S_ISREG(info.st_mode);
}

/// Looks into a regular file. A container is handed out; its entry has no skipReason.
std::optional<DecodedStream> lookInto(InputEntry& entry, bool named, const std::stop_token& stop)
{
    auto raw = openFileInput(entry.path, stop);
    if (!raw) {
        entry.skipReason = raw.error().why;
        entry.unreadable = true;
        return std::nullopt;
    }
    auto decoded = decodeStream(std::move(*raw), entry.path);
    if (!decoded) {
        entry.skipReason = decoded.error().why;
        return std::nullopt;
    }
    if (isContainer(decoded->guess.kind)) return std::move(*decoded);
    judge(*decoded, named, entry);
    if (decoded->fault && decoded->head.empty() && !decoded->compressed) {
        std::array<char, 1> byte{};
        auto chunk = decoded->input->read(byte.data(), byte.size());
        entry.skipReason = chunk ? std::string() : chunk.error().why;
        entry.unreadable = !chunk;
    }
    if (decoded->guess.allZero && !decoded->compressed)
        entry.skipReason = reasonOfZeros(entry.path, entry.bytes);
    return std::nullopt;
}

void Discovery::inspect(const Found& found)
{
    InputEntry entry;
    entry.path = found.path;
    entry.name = found.name;
    std::optional<DecodedStream> container;
    if (describe(entry, m_stop)) {
        entry.unlooked = isOver();
        if (!entry.unlooked) container = lookInto(entry, found.named, m_stop);
    }
    if (!container) {
        m_entries.push_back(std::move(entry));
        return;
    }
    const ContentKind kind = container->guess.kind;
    const bool compressed = container->compressed;
    container.reset();
    // A plain archive is opened as a file, so that a zip's index at its end can be used.
    auto openRaw = [path = entry.path, compressed,
                    over = m_within ? m_within->over : nullptr]() -> Result<std::unique_ptr<ByteInput>> {
        auto raw = compressed ? innermost(openFileInput(path), path) : openFileInput(path);
        if (!raw || !over) return raw;
        return std::unique_ptr<ByteInput>(std::make_unique<InputWithin>(std::move(*raw), over));
    };
    auto reader = std::make_shared<ArchiveReader>(openRaw, kind, entry.path);
    auto cursor = reader->cursor();
    if (!cursor) {
        entry.skipReason = cursor.error().why;
        entry.unreadable = true;
        m_entries.push_back(std::move(entry));
        return;
    }
    const std::size_t before = m_entries.size();
    MemberLister(entry, m_entries, m_within ? &*m_within : nullptr, m_stop)
        .list(**cursor, reader, entry.path, entry.name, 1);
    if (m_entries.size() == before) {
        entry.skipReason = "an archive without files";
        m_entries.push_back(std::move(entry));
    }
}

} // namespace

std::string junkReason(std::string_view name, bool folder)
{
    if (folder) {
        constexpr std::array<std::string_view, 7> kVersionControl = {".git", ".hg",    ".svn", ".bzr",
                                                                     "CVS",  "_darcs", ".jj"};
        for (const std::string_view one : kVersionControl)
            if (name == one) return "a folder of version control";
        if (name == "__MACOSX" || name == ".Trash" || name == "lost+found") return "a folder of the system";
        if (name == ".idea" || name == ".vscode") return "a folder of an editor";
        return {};
    }
    const bool swap =
        name.starts_with('.') && (name.ends_with(".swp") || name.ends_with(".swo") || name.ends_with(".swx"));
    const bool lock =
        name.starts_with(".#") || (name.size() > 1 && name.starts_with('#') && name.ends_with('#'));
    if (swap || lock || name.ends_with('~')) return "a file of an editor";
    if (name == ".DS_Store" || name == "Thumbs.db" || name == "desktop.ini" || name.starts_with("._"))
        return "a file of the system";
    return {};
}

InputEntry inspectFile(const std::string& path, const std::string& name, bool named, std::stop_token stop)
{
    InputEntry entry;
    entry.path = path;
    entry.name = name;
    if (!describe(entry, stop)) return entry;
    if (const auto container = lookInto(entry, named, stop))
        entry.skipReason = "a " + std::string(contentKindName(container->guess.kind)) + " archive";
    return entry;
}

Result<std::vector<InputEntry>> discoverInputs(const std::vector<std::string>& paths, std::stop_token stop)
{
    Discovery discovery(stop);
    for (const std::string& path : paths) discovery.named(path, paths.size() > 1);
    if (stop.stop_requested()) return makeError(ErrorKind::Cancelled, "look for files", "it was cancelled");
    return discovery.take();
}

Result<std::vector<InputEntry>> discoverWithin(const std::vector<std::string>& paths,
                                               const DiscoverWithin& within, std::stop_token stop)
{
    Discovery discovery(stop, &within);
    for (const std::string& path : paths) discovery.named(path, paths.size() > 1);
    if (stop.stop_requested()) return makeError(ErrorKind::Cancelled, "look for files", "it was cancelled");
    return discovery.take();
}

} // namespace faultline
