//! Secrets of source hosting, continuous integration and package registries.

use super::{ALNUM, BASE64, DOTTED, HEX, LOWNUM, TOKEN, UPNUM, UUID, behind, head};
use crate::redact::class::Class;
use crate::redact::rule::Part::{Context, Exact, Lit, Run};
use crate::redact::rule::Severity::{Critical, High, Low, Medium};
use crate::redact::rule::{Check, Rule};

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    // GitHub. The form of an installation's token changed in 2026: it holds a JWT.
    head("github-classic-pat", "GitHub", Critical, &["ghp_"], &[Run(ALNUM, 30, 36)], TOKEN).checked(Check::Base62Crc),
    head("github-fine-grained-pat", "GitHub", Critical, &["github_pat_"], &[Run(TOKEN, 35, 82)], TOKEN),
    head("github-oauth-token", "GitHub", Critical, &["gho_"], &[Run(ALNUM, 30, 36)], TOKEN).checked(Check::Base62Crc),
    head("github-user-token", "GitHub", Critical, &["ghu_"], &[Run(ALNUM, 30, 36)], DOTTED).checked(Check::Base62Crc),
    head("github-app-token", "GitHub", Critical, &["ghs_"], &[Run(TOKEN, 30, 36)], DOTTED).checked(Check::Base62Crc).mixed(),
    head("github-refresh-token", "GitHub", Critical, &["ghr_"], &[Run(ALNUM, 30, 76)], TOKEN).checked(Check::Base62Crc),

    // GitLab. Routable tokens have a tail behind a dot.
    head("gitlab-pat", "GitLab", Critical, &["glpat-"], &[Run(TOKEN, 20, 20)], DOTTED),
    head("gitlab-deploy-token", "GitLab", High, &["gldt-"], &[Run(TOKEN, 20, 20)], DOTTED),
    head("gitlab-runner-token", "GitLab", High, &["glrt-", "glrtr-"], &[Run(TOKEN, 20, 20)], DOTTED),
    head("gitlab-runner-registration-token", "GitLab", High, &["GR1348941"], &[Run(TOKEN, 18, 20)], TOKEN),
    head("gitlab-trigger-token", "GitLab", High, &["glptt-"], &[Run(HEX, 40, 40)], DOTTED),
    head("gitlab-job-token", "GitLab", Medium, &["glcbt-"], &[Run(TOKEN, 20, 25)], DOTTED),
    head("gitlab-feed-token", "GitLab", Medium, &["glft-"], &[Run(TOKEN, 20, 20)], DOTTED),
    head("gitlab-mail-token", "GitLab", Medium, &["glimt-"], &[Run(TOKEN, 25, 25)], DOTTED),
    head("gitlab-agent-token", "GitLab", High, &["glagent-"], &[Run(TOKEN, 50, 50)], DOTTED),
    head("gitlab-service-token", "GitLab", High, &["glsoat-"], &[Run(TOKEN, 20, 20)], DOTTED),
    head("gitlab-oauth-secret", "GitLab", Critical, &["gloas-"], &[Run(TOKEN, 64, 64)], DOTTED),
    head("gitlab-feature-flag-token", "GitLab", Low, &["glffct-"], &[Run(TOKEN, 20, 20)], DOTTED),
    behind("gitlab-session-cookie", "GitLab", High, &[Context("_gitlab_session=")], &[""], &[Run(ALNUM, 32, 32)], TOKEN),

    // Other hosts of source.
    head("bitbucket-app-password", "Bitbucket", Critical, &["ATBB"], &[Run(ALNUM, 28, 32)], TOKEN).random(),
    head("bitbucket-access-token", "Bitbucket", Critical, &["ATCTT3xFf"], &[Run(TOKEN, 100, 180)], TOKEN.or(Class::EQUALS)).checked(Check::AtlassianCrc).unproven(),
    head("sourcegraph-token", "Sourcegraph", High, &["sgp_", "sgp_local_"], &[Run(HEX.or(Class::UNDER), 40, 40)], TOKEN),

    head("sourcegraph-license-key", "Sourcegraph", Medium, &["slk_"], &[Run(HEX, 64, 64)], TOKEN),

    // Package registries.
    head("npm-token", "npm", Critical, &["npm_"], &[Run(ALNUM, 30, 36)], TOKEN).checked(Check::Base62Crc),
    behind("npm-legacy-token", "npm", Critical, &[Context("/:_authToken=")], &[""], UUID, TOKEN),
    head("pypi-token", "PyPI", Critical, &["pypi-AgEIcHlwaS5vcmc"], &[Run(TOKEN, 70, 150)], TOKEN).checked(Check::Macaroon),
    head("testpypi-token", "PyPI", High, &["pypi-AgENdGVzdC5weXBpLm9yZw"], &[Run(TOKEN, 60, 150)], TOKEN).checked(Check::Macaroon),
    head("rubygems-token", "RubyGems", Critical, &["rubygems_"], &[Run(HEX, 40, 48)], TOKEN),
    head("crates-token", "crates.io", Critical, &["cio"], &[Run(ALNUM, 32, 32)], TOKEN).cased().whole(),
    head("nuget-key", "NuGet", Critical, &["oy2"], &[Run(LOWNUM, 43, 43)], TOKEN).mixed().whole(),
    head("clojars-token", "Clojars", Critical, &["CLOJARS_"], &[Run(ALNUM, 50, 60)], TOKEN),
    head("artifactory-key", "JFrog", Critical, &["AKCp"], &[Run(ALNUM, 60, 69)], TOKEN),
    head("artifactory-reference-token", "JFrog", Critical, &["cmVmdGtuO"], &[Run(ALNUM, 50, 55)], TOKEN),
    head("docker-token", "Docker", Critical, &["dckr_pat_"], &[Run(TOKEN, 20, 27)], TOKEN),
    head("docker-org-token", "Docker", Critical, &["dckr_oat_"], &[Run(TOKEN, 20, 32)], TOKEN),
    head("docker-swarm-join-token", "Docker", High, &["SWMTKN-1-"], &[Run(LOWNUM, 40, 50), Lit("-"), Run(LOWNUM, 20, 25)], TOKEN),
    head("docker-swarm-unlock-key", "Docker", High, &["SWMKEY-1-"], &[Run(BASE64, 40, 43)], BASE64.or(Class::EQUALS)),

    // Builds, deployment and code quality.
    head("circleci-token", "CircleCI", Critical, &["CCIPAT_"], &[Run(ALNUM, 20, 22), Lit("_"), Run(HEX, 32, 40)], TOKEN),
    head("circleci-project-token", "CircleCI", Critical, &["CCIPRJ_"], &[Run(ALNUM, 20, 22), Lit("_"), Run(HEX, 32, 40)], TOKEN).unproven(),
    head("buildkite-token", "Buildkite", High, &["bkua_"], &[Run(ALNUM, 40, 40)], TOKEN),
    head("buildkite-agent-token", "Buildkite", High, &["bkaa_", "bkaj_", "bkct_", "bkpt_", "bkpat_"], &[Run(TOKEN, 50, 73)], DOTTED).unproven(),
    behind("harness-token", "Harness", High, &[Lit("pat.")], &[""], &[Exact(TOKEN, 22), Lit("."), Exact(HEX, 24), Lit("."), Run(ALNUM, 20, 20)], TOKEN),
    behind("harness-service-token", "Harness", High, &[Lit("sat.")], &[""], &[Exact(TOKEN, 22), Lit("."), Exact(HEX, 24), Lit("."), Run(ALNUM, 20, 20)], TOKEN),
    head("octopus-key", "Octopus Deploy", High, &["API-"], &[Run(UPNUM, 25, 26)], TOKEN).mixed(),
    head("sonar-token", "SonarQube", High, &["squ_"], &[Run(HEX, 40, 40)], TOKEN),
    head("sonar-project-token", "SonarQube", High, &["sqp_"], &[Run(HEX, 40, 40)], TOKEN),
    head("sonar-analysis-token", "SonarQube", High, &["sqa_"], &[Run(HEX, 40, 40)], TOKEN),
    behind("snyk-token", "Snyk", High, &[Lit("."), Run(ALNUM, 6, 8), Lit("snyk_uat.")], &[""], &[Run(TOKEN, 16, 100)], DOTTED).unproven(),
    behind("snyk-service-token", "Snyk", High, &[Lit("."), Run(ALNUM, 6, 8), Lit("snyk_sat.")], &[""], &[Run(TOKEN, 16, 100)], DOTTED).unproven(),
    head("jenkins-token", "Jenkins", High, &["11"], &[Run(HEX, 32, 32)], TOKEN).mixed().whole(),
    head("scalingo-token", "Scalingo", High, &["tk-us-"], &[Run(TOKEN, 44, 48)], TOKEN),
    head("infracost-key", "Infracost", Medium, &["ico-"], &[Run(ALNUM, 32, 32)], TOKEN).cased(),
    head("prefect-key", "Prefect", High, &["pnu_", "pnb_"], &[Run(ALNUM, 34, 36)], TOKEN),
    head("readme-key", "ReadMe", High, &["rdme_"], &[Run(LOWNUM, 60, 70)], TOKEN),
    head("postman-key", "Postman", High, &["PMAK-"], &[Exact(ALNUM, 24), Lit("-"), Run(ALNUM, 30, 34)], TOKEN),
    head("postman-collection-key", "Postman", High, &["PMAT-"], &[Run(UPNUM, 24, 26)], TOKEN).mixed().unproven(),
    head("thunderstore-token", "Thunderstore", High, &["tss_"], &[Run(ALNUM, 30, 36)], TOKEN).random(),
    head("val-town-token", "Val Town", High, &["vtwn_"], &[Run(ALNUM, 26, 30)], TOKEN).mixed(),
    head("lichess-token", "Lichess", Medium, &["lip_"], &[Run(ALNUM, 20, 20)], TOKEN).random(),
    behind("endor-labs-key", "Endor Labs", High, &[Lit("endr+")], &[""], &[Run(TOKEN, 16, 16)], TOKEN).mixed(),
];
