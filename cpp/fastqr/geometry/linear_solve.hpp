#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <optional>

namespace fastqr {

/// Solves the symmetric positive definite N×N system by Cholesky's method; empty where it is singular.
template <std::size_t N>
std::optional<std::array<double, N>> solve_symmetric(std::array<std::array<double, N>, N> a, std::array<double, N> b) {
    double largest = 0;
    for (std::size_t i = 0; i < N; ++i) largest = std::max(largest, std::abs(a[i][i]));
    for (std::size_t j = 0; j < N; ++j) {
        double diagonal = a[j][j];
        for (std::size_t k = 0; k < j; ++k) diagonal -= a[j][k] * a[j][k];
        if (!(diagonal > 1e-13 * largest)) return std::nullopt;
        a[j][j] = std::sqrt(diagonal);
        for (std::size_t i = j + 1; i < N; ++i) {
            double value = a[i][j];
            for (std::size_t k = 0; k < j; ++k) value -= a[i][k] * a[j][k];
            a[i][j] = value / a[j][j];
        }
    }
    for (std::size_t i = 0; i < N; ++i) {
        for (std::size_t k = 0; k < i; ++k) b[i] -= a[i][k] * b[k];
        b[i] /= a[i][i];
    }
    for (std::size_t i = N; i-- > 0;) {
        for (std::size_t k = i + 1; k < N; ++k) b[i] -= a[k][i] * b[k];
        b[i] /= a[i][i];
    }
    return b;
}

}  // namespace fastqr
