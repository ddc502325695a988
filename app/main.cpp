#include <cstdio>

int main()
{
    std::puts("faultline " FAULTLINE_VERSION);
    return 0;
}
