// Renders the icons for the icon theme: icon_pngs SIZE,... FILE.svg=FOLDER ... writes FOLDER/SIZE.png of
// each. A build tool: packages hold bitmaps beside the SVG, because some panels and file managers read
// nothing else.
#include <QDir>
#include <QImage>
#include <QPainter>
#include <QSvgRenderer>

#include <cstdio>

int main(int argc, char** argv)
{
    if (argc < 3) {
        std::fputs("icon_pngs: SIZE,... FILE.svg=FOLDER ...\n", stderr);
        return 2;
    }
    const QStringList sizes = QString::fromLocal8Bit(argv[1]).split(QLatin1Char(','));
    for (int i = 2; i < argc; ++i) {
        const QString word = QString::fromLocal8Bit(argv[i]);
        const QString file = word.section(QLatin1Char('='), 0, 0), folder = word.section(QLatin1Char('='), 1);
        QSvgRenderer renderer(file);
        if (folder.isEmpty() || !renderer.isValid() || !QDir().mkpath(folder)) {
            std::fprintf(stderr, "icon_pngs: cannot render %s into %s\n", qPrintable(file),
                         qPrintable(folder));
            return 3;
        }
        for (const QString& size : sizes) {
            QImage image(size.toInt(), size.toInt(), QImage::Format_ARGB32);
            image.fill(Qt::transparent);
            QPainter painter(&image);
            renderer.render(&painter);
            painter.end();
            const QString path = folder + QLatin1Char('/') + size + QStringLiteral(".png");
            if (image.isNull() || !image.save(path)) {
                std::fprintf(stderr, "icon_pngs: cannot write %s\n", qPrintable(path));
                return 3;
            }
        }
    }
    return 0;
}
