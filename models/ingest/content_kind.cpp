#include "models/ingest/content_kind.h"

#include <algorithm>
#include <array>

namespace faultline {
namespace {

using namespace std::string_view_literals;

struct Magic
{
    std::size_t offset;
    std::string_view bytes;
    std::string_view reason;
};

// What people have lying beside their logs. Order matters only where one magic begins another.
constexpr std::array kNotLogs = {
    Magic{0, "\x89PNG\r\n\x1a\n"sv, "a PNG image"},
    Magic{0, "\xff\xd8\xff"sv, "a JPEG image"},
    Magic{0, "GIF87a"sv, "a GIF image"},
    Magic{0, "GIF89a"sv, "a GIF image"},
    Magic{8, "WEBP"sv, "a WebP image"},
    Magic{0, "\0\0\1\0"sv, "an icon image"},
    Magic{0, "II*\0"sv, "a TIFF image"},
    Magic{0, "MM\0*"sv, "a TIFF image"},
    Magic{0, "%PDF-"sv, "a PDF document"},
    Magic{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv, "an Office document"},
    Magic{0, "OTTO"sv, "a font"},
    Magic{0, "wOFF"sv, "a font"},
    Magic{0, "wOF2"sv, "a font"},
    Magic{0, "\0\1\0\0\0"sv, "a font"},
    Magic{0, "\xfe\xed\xfa\xce"sv, "an executable"},
    Magic{0, "\xfe\xed\xfa\xcf"sv, "an executable"},
    Magic{0, "\xcf\xfa\xed\xfe"sv, "an executable"},
    Magic{0, "\xca\xfe\xba\xbe"sv, "a Java class or an executable"},
    Magic{0, "\0asm"sv, "a WebAssembly program"},
    Magic{0, "!<arch>\n"sv, "a library or a Debian package"},
    Magic{0, "SQLite format 3\0"sv, "a SQLite database"},
    Magic{0, "\x37\x7f\x06\x82"sv, "the write-ahead log of a SQLite database"},
    Magic{0, "\x37\x7f\x06\x83"sv, "the write-ahead log of a SQLite database"},
    Magic{0, "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"sv, "the journal of a SQLite database"},
    Magic{0, "PAR1"sv, "a Parquet table"},
    Magic{0, "ORC\1"sv, "an ORC table"},
    Magic{0, "Obj\1"sv, "an Avro table"},
    Magic{0, "ARROW1"sv, "an Arrow table"},
    Magic{0, "LPKSHHRH"sv,
          "a systemd journal in binary form; export it with: journalctl --file FILE -o json"},
    Magic{0, "ElfFile\0"sv, "a Windows event log in binary form; export it as text first"},
    Magic{0, "JAVA PROFILE 1.0"sv, "a Java heap dump"},
    Magic{0, "FLR\0"sv, "a Java flight recording"},
    Magic{0, "\xd4\xc3\xb2\xa1"sv, "a packet capture"},
    Magic{0, "\xa1\xb2\xc3\xd4"sv, "a packet capture"},
    Magic{0, "\x0a\x0d\x0d\x0a"sv, "a packet capture"},
    Magic{0, "MDMP"sv, "a Windows minidump"},
    Magic{0, "7z\xbc\xaf\x27\x1c"sv, "a 7z archive, which is not read; unpack it first"},
    Magic{0, "Rar!\x1a\x07"sv, "a RAR archive, which is not read; unpack it first"},
    Magic{0, "-----BEGIN PGP MESSAGE"sv, "encrypted (PGP)"},
    Magic{0, "age-encryption.org/v1"sv, "encrypted (age)"},
    Magic{0, "Salted__"sv, "encrypted (OpenSSL)"},
    Magic{0, "LUKS\xba\xbe"sv, "an encrypted disk image"},
    Magic{0, "hsqs"sv, "a disk image"},
    Magic{0, "QFI\xfb"sv, "a disk image"},
    Magic{4, "ftyp"sv, "a video"},
    Magic{0, "ID3\x03"sv, "an audio file"},
    Magic{0, "OggS\0"sv, "an audio or video file"},
    Magic{0, "\x1a\x45\xdf\xa3"sv, "a video"},
    Magic{0, "\x28\xb5\x2f\xfd\x37\xa4\x30\xec"sv, "a zstd dictionary"},
    Magic{0, "\x37\xa4\x30\xec"sv, "a zstd dictionary"},
    Magic{0, "\x1f\x9d"sv, "compressed by the old program compress (.Z); unpack it first"},
};

bool hasAt(std::string_view head, std::size_t offset, std::string_view bytes)
{
    return head.size() >= offset + bytes.size() && head.substr(offset, bytes.size()) == bytes;
}

unsigned char byteAt(std::string_view head, std::size_t index)
{
    return static_cast<unsigned char>(head[index]);
}

// POSIX ustar and GNU tar have a word at 257; older ones only the checksum, which sums the header with its
// own eight bytes as blanks.
bool isTar(std::string_view head)
{
    if (head.size() < 512 || head[0] == '\0') return false;
    unsigned long stored = 0;
    bool digits = false;
    for (std::size_t i = 148; i < 156; ++i) {
        const char c = head[i];
        if (c >= '0' && c <= '7') {
            stored = stored * 8 + static_cast<unsigned long>(c - '0');
            digits = true;
        } else if (c != ' ' && c != '\0') {
            return false;
        }
    }
    unsigned long sum = 0;
    for (std::size_t i = 0; i < 512; ++i) sum += (i >= 148 && i < 156) ? 32u : byteAt(head, i);
    return digits && sum == stored;
}

ContentGuess notALog(std::string_view reason)
{
    return {ContentKind::NotALog, std::string(reason), false};
}

// Where nearly every second byte is 0, the text is UTF-16 without a mark (mostly ASCII).
bool zeroEverySecond(std::string_view head, std::size_t first)
{
    std::size_t zeros = 0, otherZeros = 0;
    const std::size_t pairs = head.size() / 2;
    for (std::size_t i = 0; i < pairs; ++i) {
        zeros += head[i * 2 + first] == '\0';
        otherZeros += head[i * 2 + 1 - first] == '\0';
    }
    return pairs >= 4 && zeros * 10 >= pairs * 8 && otherZeros * 20 <= pairs;
}

bool isControl(unsigned char c)
{
    // Tab, line ends, form feed, vertical tab, backspace, bell and escape (ANSI colours) stand in real logs.
    return (c < 0x20 && !(c >= 0x07 && c <= 0x0d) && c != 0x1b) || c == 0x7f;
}

ContentGuess byControlCharacters(std::string_view head)
{
    std::size_t zeros = 0, control = 0;
    for (const char c : head) {
        zeros += c == '\0';
        control += isControl(static_cast<unsigned char>(c));
    }
    if (zeros == head.size()) return {ContentKind::Text, {}, true};
    // A run of NULs at the start is the hole of a writer that kept its offset over a truncation: judge the
    // rest.
    const std::size_t hole = head.find_first_not_of('\0');
    if (hole > 16) return byControlCharacters(head.substr(hole));
    // Random bytes have 10 % control characters, text nearly none.
    if (control * 20 > head.size() && control > 2) return notALog("binary data");
    return {ContentKind::Text, {}, false};
}

} // namespace

ContentGuess guessContent(std::string_view head)
{
    if (head.empty()) return {};
    if (hasAt(head, 0, "\x1f\x8b"sv)) return {ContentKind::Gzip, {}, false};
    if (hasAt(head, 0, "\x28\xb5\x2f\xfd"sv)) return {ContentKind::Zstd, {}, false};
    // A skippable zstd frame (magic 184D2A5?) opens pzstd's output; a skippable lz4 frame has the same magic.
    if (head.size() >= 4 && (byteAt(head, 0) & 0xf0) == 0x50 && hasAt(head, 1, "\x2a\x4d\x18"sv))
        return {ContentKind::Zstd, {}, false};
    if (hasAt(head, 0, "\xfd\x37zXZ\0"sv)) return {ContentKind::Xz, {}, false};
    if (hasAt(head, 0, "BZh"sv) && (hasAt(head, 4, "1AY&SY"sv) || hasAt(head, 4, "\x17rE8P\x90"sv)))
        return {ContentKind::Bzip2, {}, false};
    if (hasAt(head, 0, "\x04\x22\x4d\x18"sv)) return {ContentKind::Lz4, {}, false};
    if (hasAt(head, 0, "PK\x03\x04"sv) || hasAt(head, 0, "PK\x05\x06"sv))
        return {ContentKind::Zip, {}, false};
    if (hasAt(head, 0,
              "\x7f"
              "ELF"sv)) {
        const bool core = head.size() > 17 && (byteAt(head, 16) == 4 || byteAt(head, 17) == 4);
        return notALog(core ? "a core dump" : "an executable");
    }
    if (hasAt(head, 0, "MZ"sv) && head.size() > 64 && head.substr(0, 64).find('\0') != std::string_view::npos)
        return notALog("a Windows program");
    if (hasAt(head, 0, "\xff\xfe\0\0"sv) || hasAt(head, 0, "\0\0\xfe\xff"sv))
        return notALog("text in UTF-32, which is not read; convert it to UTF-8");
    if (hasAt(head, 0, "\xff\xfe"sv)) return {ContentKind::Utf16Le, {}, false};
    if (hasAt(head, 0, "\xfe\xff"sv)) return {ContentKind::Utf16Be, {}, false};
    for (const Magic& magic : kNotLogs)
        if (hasAt(head, magic.offset, magic.bytes)) return notALog(magic.reason);
    if (isTar(head)) return {ContentKind::Tar, {}, false};
    if (zeroEverySecond(head, 1)) return {ContentKind::Utf16Le, {}, false};
    if (zeroEverySecond(head, 0)) return {ContentKind::Utf16Be, {}, false};
    return byControlCharacters(head);
}

bool isCompressed(ContentKind kind)
{
    return kind == ContentKind::Gzip || kind == ContentKind::Zstd || kind == ContentKind::Xz ||
           kind == ContentKind::Bzip2 || kind == ContentKind::Lz4;
}

bool isContainer(ContentKind kind)
{
    return kind == ContentKind::Zip || kind == ContentKind::Tar;
}

std::string_view contentKindName(ContentKind kind)
{
    switch (kind) {
    case ContentKind::Empty: return "empty";
    case ContentKind::Text: return "text";
    case ContentKind::Utf16Le: return "UTF-16LE text";
    case ContentKind::Utf16Be: return "UTF-16BE text";
    case ContentKind::Gzip: return "gzip";
    case ContentKind::Zstd: return "zstd";
    case ContentKind::Xz: return "xz";
    case ContentKind::Bzip2: return "bzip2";
    case ContentKind::Lz4: return "lz4";
    case ContentKind::Zip: return "zip";
    case ContentKind::Tar: return "tar";
    case ContentKind::NotALog: break;
    }
    return "not a log";
}

} // namespace faultline
